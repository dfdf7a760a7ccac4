import { type Backend, env } from "onnxruntime-common";
import { createHandler } from "./handler.ts";

/** The execution providers that a CPU can serve; onnxruntime-common says of all others that they are not available. */
export const PROVIDERS = ["cpu", "wasm"];

/** What onnxruntime-web's own have. */
export const PRIORITY = 10;

/** The names that `executionProviders` may have here, as onnxruntime-node lists its own. */
export const listSupportedBackends = (): { name: string; bundled: boolean }[] =>
  PROVIDERS.map((name) => ({ name, bundled: true }));

export const backend: Backend = {
  // As in onnxruntime-web, the flags that a program has not set have their defaults from the first session on.
  async init() {
    env.wasm.initTimeout ??= 0;
    env.wasm.numThreads ??= 1;
    env.wasm.proxy ??= false;
    env.wasm.simd ??= true;
  },
  createInferenceSessionHandler: (model, options = {}) => createHandler(model, options),
};
