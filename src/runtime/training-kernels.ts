import plain from "../../build/kernels.train-plain.wasm";
import plainThreads from "../../build/kernels.train-plain-threads.wasm";
import relaxed from "../../build/kernels.train-relaxed.wasm";
import relaxedThreads from "../../build/kernels.train-relaxed-threads.wasm";
import type { Simd } from "./kernels.ts";

const BYTES = {
  alone: { plain, relaxed },
  shared: { plain: plainThreads, relaxed: relaxedThreads },
} as const;

const compiled = new Map<string, WebAssembly.Module>();

/** The training kernels for a memory of its own or a shared one; compiled once per process. */
export function trainingModule(simd: Simd, shared: boolean): WebAssembly.Module | undefined {
  const kind = shared ? "shared" : "alone";
  const key = `${kind} ${simd}`;
  let module = compiled.get(key);
  if (module === undefined) {
    module = new WebAssembly.Module(BYTES[kind][simd]);
    compiled.set(key, module);
  }
  return module;
}
