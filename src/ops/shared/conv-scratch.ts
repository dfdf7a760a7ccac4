/** Bytes of scratch for `f32_conv`: CONV_SCRATCH of `assembly/kernels/conv.ts`, for `depth` = kH·kW·inC/group. */
export const convScratchBytes = (depth: number, parts: number): number =>
  (1024 + Math.max(24 * depth, Math.min(120 * depth, 163840))) * 4 * parts;

/** Bytes of scratch for `f32_conv_transpose`: CONV_TRANSPOSE_SCRATCH, for `columns` = kH·kW·outC/group. */
export const convTransposeScratchBytes = (columns: number, parts: number): number =>
  convScratchBytes(Math.ceil(columns / 8) * 8, parts);
