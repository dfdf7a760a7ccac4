import { type DType, dtypeInfo } from "../dtype.ts";

/** Elements narrower than a byte out of a file's bytes, the first in the lowest bits, one a byte of `target`. */
export function unpack(dtype: DType, packed: Uint8Array, target: Uint8Array): void {
  const { bits } = dtypeInfo[dtype];
  const shift = dtype.startsWith("int") ? 32 - bits : 0;
  const mask = 2 ** bits - 1;
  for (let i = 0; i < target.length; i++) {
    const at = i * bits;
    target[i] = ((((packed[at >>> 3] as number) >> (at & 7)) & mask) << shift) >> shift;
  }
}

/** The other way: the bytes of a file. */
export function pack(dtype: DType, elements: Uint8Array | Int8Array): Uint8Array {
  const { bits } = dtypeInfo[dtype];
  const packed = new Uint8Array(Math.ceil((elements.length * bits) / 8));
  const mask = 2 ** bits - 1;
  elements.forEach((element, i) => {
    const at = i * bits;
    packed[at >>> 3] = (packed[at >>> 3] as number) | ((element & mask) << (at & 7));
  });
  return packed;
}
