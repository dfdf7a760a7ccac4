/** The entry `lanewise/threads`: the shared-memory builds, handed to `InferenceSession.create` as `threading`. */
import { cores, startWorker, threadsMissing } from "#platform-threads";
import plainBytes from "../build/kernels.plain-threads.wasm";
import relaxedBytes from "../build/kernels.relaxed-threads.wasm";
import { UsageError } from "./errors.ts";
import type { Simd } from "./runtime/kernels.ts";
import type { Threading } from "./runtime/threading.ts";

const modules = new Map<Simd, WebAssembly.Module>();

/** Pass as the session option `threading`; in Node `threads` alone does the same. */
export const threading: Threading = {
  cores: cores(),
  missing: threadsMissing,
  module(simd) {
    const reason = threadsMissing();
    if (reason !== undefined) throw new UsageError(`threads are not available: ${reason}`);
    let module = modules.get(simd);
    if (module === undefined) {
      module = new WebAssembly.Module(simd === "plain" ? plainBytes : relaxedBytes);
      modules.set(simd, module);
    }
    return module;
  },
  startWorker,
};
