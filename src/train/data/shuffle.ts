import { finish, type Work } from "../../interruptible.ts";
import { assertFits } from "../../memory-limit.ts";
import { bitsAt, keyOf } from "../../ops/random/counter-random.ts";
import { roomOf } from "./room.ts";

/** Half a billion samples: whoever claims more is hardly right. */
const MAX_BYTES = 2 ** 31;
/** Samples that are put in order at one stretch: about a millisecond. */
const STRETCH = 2 ** 16;

/**
 * Indices of samples: the numbers from 0 to length − 1 in an order that follows from seed and epoch (Fisher–Yates), as
 * work that can be interrupted.
 */
export function* shuffling(length: number, seed: number, epoch: number): Work<Uint32Array> {
  const what = `the order of ${length} samples`;
  assertFits(what, length * Uint32Array.BYTES_PER_ELEMENT, MAX_BYTES);
  const indices = roomOf(what, Uint32Array, length);
  for (let i = 0; i < length; i++) {
    if (i % STRETCH === 0) yield;
    indices[i] = i;
  }
  const key = keyOf(seed, epoch, length);
  for (let i = length - 1; i > 0; i--) {
    if (i % STRETCH === 0) yield;
    const j = Math.floor((bitsAt(key, i) * (i + 1)) / 2 ** 32);
    const held = indices[i] as number;
    indices[i] = indices[j] as number;
    indices[j] = held;
  }
  return indices;
}

/** The same at one stretch. */
export const shuffledIndices = (length: number, seed: number, epoch: number): Uint32Array =>
  finish(shuffling(length, seed, epoch));
