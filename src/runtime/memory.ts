import { alignUp, OVERREAD_BYTES } from "../alignment.ts";
import { MemoryError } from "../errors.ts";
import { assertFits } from "../memory-limit.ts";

const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;

/** One session's linear memory: it only grows, and is freed by letting go of it. */
export interface Heap {
  readonly memory: WebAssembly.Memory;
  /** Bytes in use, from address 0. */
  usedBytes(): number;
  /** Reserves bytes behind what is in use and returns their address. Views made before are stale. */
  reserve(bytes: number): number;
  /** Makes the last reservation longer, where nothing lies behind it; false otherwise. */
  extend(address: number, oldBytes: number, newBytes: number): boolean;
}

/** A memory of at most `maxBytes`, at most what wasm32 addresses. */
export function createHeap(shared = false, maxBytes = MAX_PAGES * PAGE_BYTES): Heap {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared });
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
    usedBytes: () => top,
    reserve(bytes) {
      const address = alignUp(top);
      grow(address + bytes);
      top = address + bytes;
      return address;
    },
    extend(address, oldBytes, newBytes) {
      if (address + oldBytes !== top) return false;
      grow(address + newBytes);
      top = address + newBytes;
      return true;
    },
  };
}
