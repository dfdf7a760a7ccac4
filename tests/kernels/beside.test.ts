import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXTRA_BUILDS, TRAIN_BUILDS } from "../../scripts/build-kernels.mjs";
import { instantiateKernels } from "../../src/runtime/kernels.ts";

const PAGE_BYTES = 65536;
const SIMDS = ["plain", "relaxed"] as const;

/** A page, and the build of a module on it; what it has written there is no longer 1. */
function instantiated(target: string): { page: Uint8Array; exports: WebAssembly.Exports } {
  const bytes = readFileSync(new URL(`../../build/kernels.${target}.wasm`, import.meta.url));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const page = new Uint8Array(memory.buffer).fill(1);
  const module = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
  return { page, exports };
}

test.each(SIMDS)("the %s main module keeps its data below 8192", (simd) => {
  const { page, exports } = instantiated(simd);
  expect((exports.heapBase as () => number)()).toBeLessThanOrEqual(8192);
  expect(page.subarray(8192).every((byte) => byte === 1)).toBe(true);
});

test.each(EXTRA_BUILDS)("%s keeps its data above the main module's and below the heap", (target: string) => {
  const { page } = instantiated(target);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { heapBase } = instantiateKernels("plain", memory);
  expect(heapBase).toBeLessThan(PAGE_BYTES);
  const written = [...page.keys()].filter((at) => page[at] !== 1);
  expect(written.filter((at) => at < 8192 || at >= heapBase)).toEqual([]);
});

test.each(TRAIN_BUILDS)("%s keeps no data in the memory it shares", (target: string) => {
  expect(instantiated(target).page.every((byte) => byte === 1)).toBe(true);
});
