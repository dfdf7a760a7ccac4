import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TRAIN_BUILDS } from "../../../scripts/build-kernels.mjs";

test.each(TRAIN_BUILDS)("%s keeps no data in the memory it shares", (target: string) => {
  const bytes = readFileSync(new URL(`../../../build/kernels.${target}.wasm`, import.meta.url));
  const shared = target.endsWith("threads");
  const memory = new WebAssembly.Memory({ initial: 1, ...(shared ? { maximum: 65536, shared } : {}) });
  const view = new Uint8Array(memory.buffer).fill(1);
  const abort = () => {};
  new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, abort } });
  expect(view.every((byte) => byte === 1)).toBe(true);
});
