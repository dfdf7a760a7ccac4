import plain from "../../../build/kernels.train-plain.wasm";
import relaxed from "../../../build/kernels.train-relaxed.wasm";
import type { Builds } from "../builds.ts";

/** `#training-kernels` of Node. */
export const trainingKernels: Builds = { plain: () => plain, relaxed: () => relaxed };
