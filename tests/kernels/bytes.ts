import type { Bench } from "./harness.ts";

/** Four canary bytes of the harness, in memory order. */
const CANARY = [0xad, 0xde, 0xc0, 0x7f];

/** Places 8-bit values, fenced; what is left of the last word is canary. */
export function placeBytes(on: Bench, values: ArrayLike<number>): number {
  const words = new Int32Array(Math.ceil(values.length / 4));
  const bytes = new Uint8Array(words.buffer);
  bytes.forEach((_, i) => {
    bytes[i] = i < values.length ? (values[i] as number) : (CANARY[i % 4] as number);
  });
  return on.i32(words);
}

/** An output of `count` bytes, filled with canaries. */
export const outputBytes = (on: Bench, count: number): number => on.output(Math.ceil(count / 4));

/**
 * The `cols` bytes of each of `rows` rows, `stride` apart; throws where a byte between or behind them was written. (A
 * kernel that writes the canary's own byte there goes unseen.)
 */
export function readRows(
  on: Bench,
  pointer: number,
  rows: number,
  cols: number,
  stride: number,
  signed: boolean,
): number[] {
  const count = rows === 0 ? 0 : (rows - 1) * stride + cols;
  const bytes = new Uint8Array(on.readI32(pointer, Math.ceil(count / 4)).buffer);
  const values: number[] = [];
  bytes.forEach((byte, i) => {
    if (i < count && i % stride < cols) values.push(signed ? (byte << 24) >> 24 : byte);
    else if (byte !== CANARY[i % 4]) throw new Error(`wrote byte ${i} of ${count}, outside the rows`);
  });
  return values;
}

/** Whole numbers in [low, high], seeded by `next` in [-1, 1). */
export const wholes = (count: number, next: () => number, low: number, high: number): number[] =>
  Array.from({ length: count }, () => low + Math.floor(((next() + 1) / 2) * (high - low + 1)));
