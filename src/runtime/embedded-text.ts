import { plain, printable, relaxedDelta } from "#kernels-text";

/** The bytes of the plain build. */
export const plainKernels = (): Uint8Array<ArrayBuffer> => fromText(plain);

/** The bytes of the relaxed build. */
export const relaxedKernels = (): Uint8Array<ArrayBuffer> =>
  applyDelta(plainKernels(), fromText(relaxedDelta));

/** One character per byte: 256 and the byte, or a printable one in a common byte's place (scripts/embed-kernels.mjs). */
function fromText(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[i] = code < 256 ? printable.charCodeAt(code - 32) : code;
  }
  return bytes;
}

/** The length, then literal bytes and copies from `base`, in turns (scripts/embed-kernels.mjs). */
function applyDelta(base: Uint8Array, delta: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = 0;
  let to = 0;
  let from = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = delta[at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const out = new Uint8Array(number());
  while (at < delta.length) {
    for (let count = number(); count > 0; count--) out[to++] = delta[at++] as number;
    if (at >= delta.length) break;
    const length = number();
    const jump = number();
    from += jump & 1 ? -((jump + 1) / 2) : jump / 2;
    for (const end = from + length; from < end; from++) out[to++] = base[from] as number;
  }
  return out;
}
