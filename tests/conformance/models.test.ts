import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { findTestFolders, runTestFolder } from "../../src/cli/test-folder.ts";
import { DATA, dataPath } from "../support/data.ts";
import { ATOL, CONFIGURATIONS, RTOL } from "./configurations.ts";

/** The reference runtime's own difference between optimised and not, times this, is forgiven too. */
const NOISE_FACTOR = 4;

/** One name says why there is none. */
const names = (...parts: string[]): string[] => {
  const path = join(DATA, ...parts);
  const found = existsSync(path) ? findTestFolders(path).map((folder) => basename(folder)) : [];
  return found.length > 0 ? found : ["(none there)"];
};

/** What the reference runtime's optimisations change, where the folder says. */
function noiseFloor(folder: string): number {
  const path = join(folder, "info.json");
  if (!existsSync(path)) return 0;
  return (JSON.parse(readFileSync(path, "utf8")) as { maxAbsDiffOptVsNoopt: number }).maxAbsDiffOptVsNoopt;
}

describe.each(CONFIGURATIONS)("at $graphOptimizationLevel, on $simd SIMD", (options) => {
  test.for(names("models"))(
    "the pretrained model %s gives what the reference runtime gives",
    async (name, context) => {
      const folder = dataPath(context, "models", name);
      const tolerance = {
        rtol: RTOL,
        atol: ATOL + NOISE_FACTOR * noiseFloor(folder),
        quantizationStep: true,
      };
      expect(await runTestFolder(folder, name, tolerance, options)).toEqual({ name, status: "passed" });
    },
  );

  test.for(names("onnx-backend", "light"))("ONNX's whole network %s passes", async (name, context) => {
    const folder = dataPath(context, "onnx-backend", "light", name);
    expect(await runTestFolder(folder, name, { rtol: RTOL, atol: ATOL }, options)).toEqual({
      name,
      status: "passed",
    });
  });
});
