/**
 * Random numbers by counter: each follows from a key and a position alone, so that the order of the draws and the number
 * of threads do not matter. The mixing step is Chris Wellons's `lowbias32`
 * (https://nullprogram.com/blog/2018/07/31/), all in 32-bit integer arithmetic: the same on every machine.
 */
export function mix32(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const STEP = 0x9e3779b9;

/** A 32-bit key made of whole numbers, their order included: (seed, epoch, sample index), say. */
export function keyOf(...parts: readonly number[]): number {
  let key = 0x243f6a88;
  for (const part of parts) {
    key = mix32(key + STEP + (part | 0));
    // What does not fit 32 bits.
    key = mix32(key ^ Math.floor(part / 2 ** 32));
  }
  return key;
}

/** 32 random bits, for the draw at `position` under `key`. */
export const bitsAt = (key: number, position: number): number =>
  mix32(mix32(key + Math.imul(position, STEP)) ^ key);

/** A number in [0, 1), for the draw at `position` under `key`. */
export const uniformAt = (key: number, position: number): number => bitsAt(key, position) / 2 ** 32;
