import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Builds } from "../../src/runtime/builds.ts";
import * as extraBytes from "../../src/runtime/embedded/extra-kernels.ts";
import * as mainBytes from "../../src/runtime/embedded/kernels.ts";
import * as trainingBytes from "../../src/runtime/embedded/training-kernels.ts";
import * as extraPacked from "../../src/runtime/packed/extra-kernels.ts";
import * as mainPacked from "../../src/runtime/packed/kernels.ts";
import * as trainingPacked from "../../src/runtime/packed/training-kernels.ts";
import { withSharedMemory } from "../../src/runtime/shared-memory.ts";

const build = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../build/kernels.${name}.wasm`, import.meta.url)));

const EMBEDDED: readonly (readonly [module: string, how: string, builds: Builds])[] = [
  ["", "bytes", mainBytes.mainKernels],
  ["", "text", mainPacked.mainKernels],
  ["extra-", "bytes", extraBytes.extraKernels],
  ["extra-", "text", extraPacked.extraKernels],
  ["train-", "bytes", trainingBytes.trainingKernels],
  ["train-", "text", trainingPacked.trainingKernels],
];

test.each(EMBEDDED)("the kernels %sthat bundles hold as %s are the builds", (module, _, builds) => {
  for (const simd of ["relaxed", "plain"] as const)
    expect(new Uint8Array(builds[simd]())).toEqual(build(module + simd));
});

test.each(["plain", "relaxed"])("the %s build for a shared memory is what the compiler makes", (simd) => {
  expect(withSharedMemory(build(simd))).toEqual(build(`${simd}-threads`));
});

test("what imports more than its memory is not made fit for a shared one", () => {
  expect(() => withSharedMemory(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))).toThrow(/imports more/);
});
