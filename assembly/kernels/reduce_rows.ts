import { madd, storeLanes } from "../simd";
import { expV, f4 } from "./math";

/** What is accumulated; `centredSquare` and `expSum` subtract `shift` first. */
export const enum Fold {
  sum,
  absolute,
  square,
  max,
  peak, // max that ignores NaN: pmax, three times faster
  min,
  prod,
  expSum,
  centredSquare,
}

/**
 * Terms that a lane adds up before its sum joins the total: the error grows with BLOCK + n / BLOCK, not with
 * n.
 */
const BLOCK = 64;

// @ts-ignore: decorator
@inline
export function foldStart(kind: Fold): f32 {
  if (kind == Fold.max || kind == Fold.peak) return -Infinity;
  if (kind == Fold.min) return Infinity;
  return kind == Fold.prod ? 1 : 0;
}

/** max and min give NaN when any element is NaN. */
// @ts-ignore: decorator
@inline
export function foldMerge(kind: Fold, a: v128, b: v128): v128 {
  if (kind == Fold.max) return f32x4.max(a, b);
  if (kind == Fold.peak) return f32x4.pmax(a, b);
  if (kind == Fold.min) return f32x4.min(a, b);
  if (kind == Fold.prod) return f32x4.mul(a, b);
  return f32x4.add(a, b);
}

// @ts-ignore: decorator
@inline
function term(kind: Fold, acc: v128, v: v128, shift: v128): v128 {
  if (kind == Fold.absolute) return f32x4.add(acc, f32x4.abs(v));
  if (kind == Fold.square) return madd(acc, v, v);
  if (kind == Fold.expSum) return f32x4.add(acc, expV(f32x4.sub(v, shift)));
  if (kind == Fold.centredSquare) {
    const d = f32x4.sub(v, shift);
    return madd(acc, d, d);
  }
  return foldMerge(kind, acc, v);
}

/** Folds n elements `step` bytes apart, in each of four neighbouring columns. */
// @ts-ignore: decorator
@inline
export function foldColumns(kind: Fold, x: usize, step: usize, n: i32, shift: v128): v128 {
  const start = f4(foldStart(kind));
  let total = start;
  while (n > 0) {
    let acc = start;
    const end = x + <usize>min(n, BLOCK) * step;
    n -= BLOCK;
    for (; x < end; x += step) acc = term(kind, acc, v128.load(x), shift);
    total = foldMerge(kind, total, acc);
  }
  return total;
}

/** Folds n elements `step` bytes apart in each of `columns` neighbouring columns. */
// @ts-ignore: decorator
@inline
export function foldStrips(kind: Fold, x: usize, step: usize, n: i32, y: usize, columns: i32): void {
  const start = f4(foldStart(kind));
  for (; columns >= 16; columns -= 16) {
    let total0 = start;
    let total1 = start;
    let total2 = start;
    let total3 = start;
    let row = x;
    for (let left = n; left > 0; left -= BLOCK) {
      let acc0 = start;
      let acc1 = start;
      let acc2 = start;
      let acc3 = start;
      const end = row + <usize>min(left, BLOCK) * step;
      while (row < end) {
        acc0 = term(kind, acc0, v128.load(row), start);
        acc1 = term(kind, acc1, v128.load(row, 16), start);
        acc2 = term(kind, acc2, v128.load(row, 32), start);
        acc3 = term(kind, acc3, v128.load(row, 48), start);
        row += step;
      }
      total0 = foldMerge(kind, total0, acc0);
      total1 = foldMerge(kind, total1, acc1);
      total2 = foldMerge(kind, total2, acc2);
      total3 = foldMerge(kind, total3, acc3);
    }
    v128.store(y, total0);
    v128.store(y, total1, 16);
    v128.store(y, total2, 32);
    v128.store(y, total3, 48);
    x += 64;
    y += 64;
  }
  for (; columns > 0; columns -= 4) {
    storeLanes(y, foldColumns(kind, x, step, n, start), columns);
    x += 16;
    y += 16;
  }
}

/** Folds n contiguous elements; the order depends on n alone. */
// @ts-ignore: decorator
@inline
export function foldRow(kind: Fold, x: usize, n: i32, shift: f32): f32 {
  const start = f4(foldStart(kind));
  const s = f4(shift);
  let total = start;
  if (kind == Fold.expSum) {
    total = foldColumns(kind, x, 16, n >> 2, s); // exp is long: more accumulators would only be more code
    x += <usize>(n >> 2) << 4;
    n &= 3;
  }
  while (n >= 16) {
    let acc0 = start;
    let acc1 = start;
    let acc2 = start;
    let acc3 = start;
    const end = x + (<usize>(min(n, BLOCK * 16) >> 4) << 6);
    n -= min(n, BLOCK * 16) & -16;
    while (x < end) {
      acc0 = term(kind, acc0, v128.load(x), s);
      acc1 = term(kind, acc1, v128.load(x, 16), s);
      acc2 = term(kind, acc2, v128.load(x, 32), s);
      acc3 = term(kind, acc3, v128.load(x, 48), s);
      x += 64;
    }
    total = foldMerge(kind, total, foldMerge(kind, foldMerge(kind, acc0, acc1), foldMerge(kind, acc2, acc3)));
  }
  for (; n > 0; n -= 4) {
    const acc = term(kind, total, v128.load(x), s);
    total = v128.bitselect(acc, total, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n)));
    x += 16;
  }
  total = foldMerge(kind, total, v128.shuffle<f32>(total, total, 2, 3, 0, 1));
  total = foldMerge(kind, total, v128.shuffle<f32>(total, total, 1, 0, 3, 2));
  return f32x4.extract_lane(total, 0);
}

export function sumRow(x: usize, n: i32): f32 {
  return foldRow(Fold.sum, x, n, 0);
}

/** Σ(x - mean)². */
export function centredSquareRow(x: usize, n: i32, mean: f32): f32 {
  return foldRow(Fold.centredSquare, x, n, mean);
}

export function maxRow(x: usize, n: i32): f32 {
  return foldRow(Fold.max, x, n, 0);
}

export function peakRow(x: usize, n: i32): f32 {
  return foldRow(Fold.peak, x, n, 0);
}

/** Σexp(x - shift). */
export function expSumRow(x: usize, n: i32, shift: f32): f32 {
  return foldRow(Fold.expSum, x, n, shift);
}
