import { join } from "../support/onnx-model.ts";
import type { Random } from "../support/random.ts";

/** Numbers at which something overflows, wraps or changes sign. */
export const EXTREMES: readonly bigint[] = [
  0n,
  1n,
  -1n,
  2n,
  3n,
  7n,
  -2n,
  -3n,
  255n,
  65536n,
  1000000n,
  2n ** 24n,
  2n ** 28n,
  2n ** 30n,
  2n ** 31n - 1n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 32n + 1n,
  2n ** 53n - 1n,
  2n ** 53n + 1n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];

export const FLOAT_EXTREMES: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  1e-45,
  1e-38,
  1e-7,
  1e7,
  1e30,
  3.4e38,
  -3.4e38,
  Infinity,
  -Infinity,
  Number.NaN,
  2147483648,
];

/** Breaks bytes without knowing what they mean. */
export function mutateBytes(bytes: Uint8Array, draw: Random): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = draw.whole(0, bytes.length - 1);
  const until = Math.min(bytes.length, at + draw.pick([1, 2, 4, 8, 16, 64, 256]));
  switch (draw.pick(["bit", "bit", "byte", "byte", "cut", "out", "twice", "splice", "noise", "longer"])) {
    case "bit": {
      const copy = bytes.slice();
      copy[at] = (copy[at] as number) ^ (1 << draw.whole(0, 7));
      return copy;
    }
    case "byte": {
      const copy = bytes.slice();
      copy[at] = draw.pick([0, 1, 127, 128, 255, draw.whole(0, 255)]);
      return copy;
    }
    case "cut":
      return bytes.slice(0, at);
    case "out":
      return join([bytes.subarray(0, at), bytes.subarray(until)]);
    case "twice":
      return join([bytes.subarray(0, until), bytes.subarray(at)]);
    case "splice": {
      const from = draw.whole(0, bytes.length - 1);
      const copy = bytes.slice();
      copy.set(
        bytes.subarray(from, Math.min(bytes.length, from + until - at)).subarray(0, bytes.length - at),
        at,
      );
      return copy;
    }
    case "noise": {
      const copy = bytes.slice();
      for (let i = at; i < until; i++) copy[i] = draw.whole(0, 255);
      return copy;
    }
    default: {
      // A varint that claims more than there is.
      const claim = Uint8Array.from([255, 255, 255, 255, draw.pick([1, 15, 127])]);
      return join([bytes.subarray(0, at), claim, bytes.subarray(until)]);
    }
  }
}

/** Sets one element of packed numbers, 8 or 4 bytes wide, to an extreme. */
export function mutateElements(bytes: Uint8Array, draw: Random): Uint8Array {
  const wide = bytes.length % 8 === 0 && draw.chance(0.6);
  const size = wide ? 8 : 4;
  if (bytes.length < size) return mutateBytes(bytes, draw);
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const at = draw.whole(0, Math.floor(bytes.length / size) - 1) * size;
  if (wide) view.setBigInt64(at, draw.pick(EXTREMES), true);
  else if (draw.chance(0.7)) view.setFloat32(at, draw.pick(FLOAT_EXTREMES), true);
  else view.setInt32(at, Number(BigInt.asIntN(32, draw.pick(EXTREMES))), true);
  return copy;
}
