import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LanewiseError, ModelError, UnsupportedOperatorError } from "../errors.ts";
import { decodeModel } from "../onnx/decode.ts";
import { decodeOptionalFile, decodeSequenceFile, decodeTensorFile } from "../onnx/decode-value.ts";
import type { ValueModel } from "../onnx/model.ts";
import { type Feeds, InferenceSession } from "../session.ts";
import type { SessionOptions } from "../session-options.ts";
import type { RuntimeValue } from "../value.ts";
import { difference, type Tolerance } from "./compare.ts";
import { quantizationStep } from "./quantization-step.ts";
import { resultValue } from "./result-value.ts";

/** How far results may be off. */
export interface FolderTolerance extends Tolerance {
  /** Let a quantised output differ by one step of its quantisation too. */
  readonly quantizationStep?: boolean;
}

export interface TestResult {
  readonly name: string;
  readonly status: "passed" | "failed" | "unsupported";
  /** Why it did not pass. */
  readonly reason?: string;
}

/** Folders at or below a path that hold a `model.onnx` and test data, in the layout of ONNX's backend tests. */
export function findTestFolders(path: string): string[] {
  if (existsSync(join(path, "model.onnx"))) return dataSets(path).length > 0 ? [path] : [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => findTestFolders(join(path, entry.name)))
    .sort();
}

const dataSets = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.startsWith("test_data_set_"));

/** Runs a folder's model on each of its data sets and compares with the outputs stored there. */
export async function runTestFolder(
  folder: string,
  name: string,
  tolerance: FolderTolerance,
  options: SessionOptions,
): Promise<TestResult> {
  try {
    const reason = await firstDifference(folder, tolerance, options);
    return reason === undefined ? { name, status: "passed" } : { name, status: "failed", reason };
  } catch (error) {
    const unsupported =
      error instanceof UnsupportedOperatorError ||
      (error instanceof ModelError && /not supported/.test(error.message));
    const reason =
      error instanceof LanewiseError
        ? error.message
        : `${(error as Error).name}: ${(error as Error).message}`;
    return { name, status: unsupported ? "unsupported" : "failed", reason };
  }
}

async function firstDifference(
  folder: string,
  tolerance: FolderTolerance,
  options: SessionOptions,
): Promise<string | undefined> {
  const path = join(folder, "model.onnx");
  const model = decodeModel(readFileSync(path));
  using session = await InferenceSession.create(path, options);
  const inputs = session.inputNames.map(
    (name) => model.graph.inputs.find((value) => value.name === name) as ValueModel,
  );
  for (const set of dataSets(folder)) {
    const feeds = Object.fromEntries(
      inputs.flatMap((value, i) => {
        const data = readValue(join(folder, set, `input_${i}.pb`), value);
        return data === undefined ? [] : [[value.name, data]];
      }),
    );
    const results = session.runSync(feeds as unknown as Feeds);
    for (const [i, value] of model.graph.outputs.entries()) {
      const expected = readValue(join(folder, set, `output_${i}.pb`), value);
      if (expected === undefined) continue;
      const step = tolerance.quantizationStep ? quantizationStep(model.graph, value.name) : 0;
      const allowed = { rtol: tolerance.rtol, atol: tolerance.atol + step };
      const reason = difference(resultValue(results[value.name]), expected, allowed, `${set}/${value.name}`);
      if (reason !== undefined) return reason;
    }
  }
  return undefined;
}

/** A `.pb` file read as what the model says the value is; undefined where there is none. */
export function readValue(path: string, value: ValueModel): RuntimeValue | undefined {
  if (!existsSync(path)) return undefined;
  const decode = { tensor: decodeTensorFile, sequence: decodeSequenceFile, optional: decodeOptionalFile };
  const container = value.type?.container ?? "tensor";
  if (container === "map") throw new ModelError(path, "maps cannot be read from files");
  return decode[container](readFileSync(path), path);
}
