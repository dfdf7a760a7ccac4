import plain from "../../../build/kernels.extra-plain.wasm";
import relaxed from "../../../build/kernels.extra-relaxed.wasm";
import type { Builds } from "../builds.ts";

/** `#extra-kernels` of Node. */
export const extraKernels: Builds = { plain: () => plain, relaxed: () => relaxed };
