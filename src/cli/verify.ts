import { existsSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { Command } from "commander";
import { ResourceError, UsageError } from "../errors.ts";
import type { OptimizationLevel } from "../passes/pipeline.ts";
import { type CommonOptions, newCommand, notNegative, optimizeOption, print, printJson } from "./command.ts";
import { reasonOf } from "./files.ts";
import { progressLine } from "./progress.ts";
import { findTestFolders, runTestFolder, type TestResult } from "./test-folder.ts";

interface VerifyOptions extends CommonOptions {
  readonly rtol: number;
  readonly atol: number;
  readonly optimize: OptimizationLevel;
  readonly noiseFloor: boolean;
}

export const verifyCommand = (): Command =>
  newCommand("verify", "Runs models on stored inputs and compares with the stored outputs.")
    .argument("<dir...>", "folders with model.onnx and test_data_set_*, or folders of such")
    .option("--rtol <number>", "tolerance relative to the expected number", notNegative, 1e-3)
    .option("--atol <number>", "tolerance on top of it", notNegative, 1e-5)
    .addOption(optimizeOption())
    .option(
      "--no-noise-floor",
      "take --atol as it is, whatever a folder's info.json says of the reference's own noise",
    )
    .action(async (dirs: readonly string[], options: VerifyOptions) => verify(dirs, options));

async function verify(dirs: readonly string[], options: VerifyOptions): Promise<void> {
  const folders = dirs.flatMap(testFolders);
  const line = progressLine();
  const tests: TestResult[] = [];
  for (const [i, { folder, name }] of folders.entries()) {
    line.update(`${name} (${i + 1} of ${folders.length})`, i / folders.length);
    const noise = options.noiseFloor ? noiseFloor(folder) : undefined;
    const tolerance = {
      rtol: options.rtol,
      atol: options.atol + 4 * (noise ?? 0),
      quantizationStep: noise !== undefined,
    };
    const result = await runTestFolder(folder, name, tolerance, { graphOptimizationLevel: options.optimize });
    tests.push(result);
    line.done();
    if (!options.json)
      print(
        `${result.status.padEnd(11)} ${result.name}${result.reason === undefined ? "" : `: ${oneLine(result.reason)}`}`,
      );
  }
  const count = (status: TestResult["status"]): number =>
    tests.filter((test) => test.status === status).length;
  const counts = { passed: count("passed"), failed: count("failed"), unsupported: count("unsupported") };
  if (options.json) printJson({ ...counts, tests });
  else print(`${counts.passed} passed, ${counts.failed} failed, ${counts.unsupported} unsupported`);
  if (counts.passed < tests.length) process.exitCode = 1;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ");

function testFolders(dir: string): { folder: string; name: string }[] {
  let folders: string[];
  try {
    folders = findTestFolders(dir);
  } catch (cause) {
    throw new ResourceError(`${dir}: cannot read: ${reasonOf(cause)}`, { cause });
  }
  if (folders.length === 0)
    throw new UsageError(`${dir}: no folder here holds a model.onnx and a test_data_set_*`);
  return folders.map((folder) => ({ folder, name: relative(dir, folder) || basename(folder) }));
}

/**
 * How far the reference runtime is from itself with and without optimisation, by the folder's info.json; undefined
 * where the folder does not say.
 */
function noiseFloor(folder: string): number | undefined {
  const path = join(folder, "info.json");
  if (!existsSync(path)) return undefined;
  try {
    const { maxAbsDiffOptVsNoopt } = JSON.parse(readFileSync(path, "utf8")) as {
      maxAbsDiffOptVsNoopt?: unknown;
    };
    return typeof maxAbsDiffOptVsNoopt === "number" && maxAbsDiffOptVsNoopt >= 0
      ? maxAbsDiffOptVsNoopt
      : undefined;
  } catch (cause) {
    throw new ResourceError(`${path}: ${reasonOf(cause)}`, { cause });
  }
}
