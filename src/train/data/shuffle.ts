import { bitsAt, keyOf } from "../../ops/shared/counter-random.ts";
import { inOrder } from "./room.ts";

/** Indices of samples: the numbers from 0 to length − 1 in an order that follows from seed and epoch (Fisher–Yates). */
export function shuffledIndices(length: number, seed: number, epoch: number): Uint32Array {
  const indices = inOrder(length);
  const key = keyOf(seed, epoch, length);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor((bitsAt(key, i) * (i + 1)) / 2 ** 32);
    const held = indices[i] as number;
    indices[i] = indices[j] as number;
    indices[j] = held;
  }
  return indices;
}
