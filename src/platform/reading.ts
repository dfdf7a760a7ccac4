import { MemoryError } from "../errors.ts";

/** What no typed array of every engine holds, nor a wasm memory. */
const MOST_BYTES = 2 ** 32;

/** What bounds the reading of a file, a response or a stream. */
export interface ReadLimits {
  readonly signal?: AbortSignal | undefined;
  /** The most bytes that may be read; 4 GiB of each source where undefined. */
  readonly maxBytes?: number | undefined;
}

/** Throws a MemoryError where something holds, or says that it holds, more bytes than may be read of it. */
export function checkLength(name: string, bytes: number, { maxBytes = MOST_BYTES }: ReadLimits): void {
  if (bytes > maxBytes)
    throw new MemoryError(bytes, `${name} holds ${bytes} bytes or more, and at most ${maxBytes} may be read`);
}
