/** `GEMM_SCRATCH` of `assembly/kernels/gemm.ts`: floats that each part of a GEMM needs for the last panel's columns. */
const PART_ELEMENTS = 960;

/** Bytes of scratch for `f32_gemm` and `f32_gemm_batch` with `n` columns, run in `parts`; 0 where they need none. */
export const gemmScratchBytes = (n: number, parts: number): number =>
  n % 8 === 0 ? 0 : PART_ELEMENTS * 4 * parts;
