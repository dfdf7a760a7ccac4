/** Bytes a kernel may read behind any buffer (assembly/README.md). */
export const OVERREAD_BYTES = 64;

/** Buffers start on a multiple of this: a cache line. */
export const ALIGN_BYTES = 64;

export const alignUp = (bytes: number): number => Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES;
