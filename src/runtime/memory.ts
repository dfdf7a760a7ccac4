import { alignUp, OVERREAD_BYTES } from "../alignment.ts";
import { MemoryError } from "../errors.ts";

const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;

/** One session's linear memory: it only grows, and is freed by letting go of it. */
export interface Heap {
  readonly memory: WebAssembly.Memory;
  /** Bytes in use, from address 0. */
  usedBytes(): number;
  /** Reserves bytes behind what is in use and returns their address. Views made before are stale. */
  reserve(bytes: number): number;
  /** Gives the memory back: nothing may use it afterwards. */
  release(): void;
  /** Makes the last reservation longer, where nothing lies behind it; false otherwise. */
  extend(address: number, oldBytes: number, newBytes: number): boolean;
}

/** The memory that was given back last, until it is collected: sessions that come and go need not wait for that. */
let spare: WeakRef<WebAssembly.Memory> | undefined;
/** A larger one is not kept for a session that may be small. */
const MAX_SPARE_BYTES = 64 << 20;

/** The spare memory, as if new. */
function takeSpare(): WebAssembly.Memory | undefined {
  const memory = spare?.deref();
  spare = undefined;
  if (memory !== undefined) new Uint8Array(memory.buffer).fill(0);
  return memory;
}

export function createHeap(shared = false): Heap {
  const own = shared ? undefined : takeSpare();
  const memory = own ?? new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared });
  let top = 0;

  const grow = (end: number): void => {
    const pages = Math.ceil((end + OVERREAD_BYTES) / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES;
    if (pages <= 0) return;
    try {
      memory.grow(pages);
    } catch (error) {
      throw new MemoryError(end, `this engine could not give ${end} bytes of memory`, { cause: error });
    }
  };

  return {
    memory,
    usedBytes: () => top,
    release() {
      if (!shared && memory.buffer.byteLength <= MAX_SPARE_BYTES) spare = new WeakRef(memory);
    },
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
