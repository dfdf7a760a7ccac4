import { alignUp, OVERREAD_BYTES } from "../alignment.ts";
import { addRange, type ByteRange } from "../byte-ranges.ts";
import { MemoryError } from "../errors.ts";
import { assertFits } from "../memory-limit.ts";

const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;

/** One session's linear memory: it only grows, and is freed by letting go of it. */
export interface Heap {
  readonly memory: WebAssembly.Memory;
  /** Reserves bytes in the tightest gap, else behind all others, and returns their address. Views made before are stale. */
  reserve(bytes: number): number;
  /** Gives back as many bytes as were reserved there. */
  free(address: number, bytes: number): void;
}

/** A memory of at most `maxBytes`, at most what wasm32 addresses. */
export function createHeap(shared = false, maxBytes = MAX_PAGES * PAGE_BYTES): Heap {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared });
  /** Free bytes below the top. */
  const gaps: ByteRange[] = [];
  let top = 0;

  const grow = (end: number): void => {
    const pages = Math.ceil((end + OVERREAD_BYTES) / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES;
    if (pages <= 0) return;
    assertFits("the session's memory", end, maxBytes);
    try {
      memory.grow(pages);
    } catch (error) {
      throw new MemoryError(end, `this engine could not give ${end} bytes of memory`, { cause: error });
    }
  };

  return {
    memory,
    reserve(bytes) {
      const size = alignUp(bytes);
      const fitting = gaps.filter(({ start, end }) => end - start >= size);
      const [gap] = fitting.sort((a, b) => a.end - a.start - (b.end - b.start));
      if (gap !== undefined) {
        const { start, end } = gap;
        const rest = start + size < end ? [{ start: start + size, end }] : [];
        gaps.splice(gaps.indexOf(gap), 1, ...rest);
        return start;
      }
      const address = top;
      grow(address + size);
      top += size;
      return address;
    },
    free(address, bytes) {
      if (bytes === 0) return;
      addRange(gaps, { start: address, end: address + alignUp(bytes) });
      if (gaps.at(-1)?.end === top) top = gaps.pop()?.start as number;
    },
  };
}
