import plain from "../../../build/kernels.plain.wasm";
import relaxed from "../../../build/kernels.relaxed.wasm";
import type { Builds } from "../builds.ts";

/** `#kernels` of Node, which downloads nothing: the main module's builds as they are. */
export const mainKernels: Builds = { plain: () => plain, relaxed: () => relaxed };
