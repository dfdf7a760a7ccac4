import plain from "../../build/kernels.plain.wasm";
import relaxed from "../../build/kernels.relaxed.wasm";

/** The bytes of the plain build. */
export const plainKernels = (): Uint8Array<ArrayBuffer> => plain;

/** The bytes of the relaxed build. */
export const relaxedKernels = (): Uint8Array<ArrayBuffer> => relaxed;
