import { bitsAt, keyOf } from "../../ops/shared/counter-random.ts";

/** The numbers from 0 to length − 1 in an order that follows from seed and epoch (Fisher–Yates). */
export function shuffledIndices(length: number, seed: number, epoch: number): Uint32Array {
  const indices = new Uint32Array(length);
  for (let i = 0; i < length; i++) indices[i] = i;
  const key = keyOf(seed, epoch, length);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor((bitsAt(key, i) * (i + 1)) / 2 ** 32);
    const held = indices[i] as number;
    indices[i] = indices[j] as number;
    indices[j] = held;
  }
  return indices;
}
