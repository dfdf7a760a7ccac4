import unpackerText from "../../../build/unpack.txt";
import type { Builds } from "../builds.ts";

const PAGE_BYTES = 65536;

/**
 * The builds of a module from what `scripts/build-kernels.mjs` has made of them: the length of the relaxed one, that of the
 * plain one, and both, one behind the other, packed. Engines without relaxed SIMD unpack both.
 */
export function unpackedBuilds(text: string): Builds {
  const [relaxedBytes, plainBytes, packed] = text.split(" ") as [string, string, string];
  return {
    relaxed: () => unpack(fromBase64(packed), +relaxedBytes),
    plain: () => unpack(fromBase64(packed), +relaxedBytes + +plainBytes).subarray(+relaxedBytes),
  };
}

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** What assembly/unpack.ts exports. */
interface Unpacker {
  tableBytes(): number;
  unpack(from: number, out: number, length: number): void;
}

/** The first `length` bytes of what is packed, in a memory that nothing else is in. */
function unpack(packed: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(fromBase64(unpackerText));
  const unpacker = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Unpacker;
  const from = unpacker.tableBytes();
  const out = from + packed.length;
  memory.grow(Math.ceil((out + length) / PAGE_BYTES));
  new Uint8Array(memory.buffer).set(packed, from);
  unpacker.unpack(from, out, length);
  return new Uint8Array(memory.buffer, out, length);
}
