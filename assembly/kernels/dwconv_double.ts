// Passes at stride 2 (dwconv_pass.ts). Columns come in pairs of an odd and an even one, counted from the padded edge; a
// pair completes an output. acc1 is the output completed next, acc2 (5 columns) the one after.
import { clamp, madd } from "../simd";
import { ZEROS } from "./dwconv_sweep";

/** Adds a column of `rows` rows to the output for which it is the column of the weights wa, wb and wc. */
// @ts-ignore: decorator
@inline
function column(rows: i32, acc: v128, a: v128, wa: v128, b: v128, wb: v128, c: v128, wc: v128): v128 {
  const one = madd(acc, a, wa);
  if (rows == 1) return one;
  const two = madd(one, b, wb);
  return rows == 2 ? two : madd(two, c, wc);
}

/** The same for the first column of an output. */
// @ts-ignore: decorator
@inline
function firstColumn(rows: i32, a: v128, wa: v128, b: v128, wb: v128, c: v128, wc: v128): v128 {
  const one = f32x4.mul(a, wa);
  if (rows == 1) return one;
  const two = madd(one, b, wb);
  return rows == 2 ? two : madd(two, c, wc);
}

/**
 * `size` (3 or 5) columns and `rows` (3 and 2, or 2 and 1) rows of the kernel are literals. With `even` the row begins
 * with a lone even column, with `odd` it ends with a lone odd one.
 */
// @ts-ignore: decorator
@inline
function pass(
  size: i32, rows: i32, vectors: i32, x: usize, xRow: usize, pixel: usize, y: usize, yStep: usize,
  even: i32, skip: i32, count: i32, odd: i32, flush: i32,
  init: usize, initStep: usize, w: usize, wTap: usize, low: f32, high: f32,
): void {
  const initNext = init == ZEROS ? 0 : 16;
  const none = f32x4.splat(0);
  while (vectors > 0) {
    let wRow = w;
    const w00 = v128.load(wRow);
    const w01 = v128.load(wRow + wTap);
    const w02 = v128.load(wRow + 2 * wTap);
    const w03 = size > 3 ? v128.load(wRow + 3 * wTap) : none;
    const w04 = size > 3 ? v128.load(wRow + 4 * wTap) : none;
    wRow += <usize>size * wTap;
    const w10 = rows > 1 ? v128.load(wRow) : none;
    const w11 = rows > 1 ? v128.load(wRow + wTap) : none;
    const w12 = rows > 1 ? v128.load(wRow + 2 * wTap) : none;
    const w13 = rows > 1 && size > 3 ? v128.load(wRow + 3 * wTap) : none;
    const w14 = rows > 1 && size > 3 ? v128.load(wRow + 4 * wTap) : none;
    wRow += <usize>size * wTap;
    const w20 = rows > 2 ? v128.load(wRow) : none;
    const w21 = rows > 2 ? v128.load(wRow + wTap) : none;
    const w22 = rows > 2 ? v128.load(wRow + 2 * wTap) : none;
    let acc1 = none;
    let acc2 = none;
    let from = x;
    let at = y;
    let start = init;
    if (even) {
      const a = v128.load(from);
      const b = rows > 1 ? v128.load(from + xRow) : a;
      const c = rows > 2 ? v128.load(from + 2 * xRow) : a;
      if (size > 3) {
        acc1 = column(rows, acc2, a, w02, b, w12, c, w22);
        acc2 = firstColumn(rows, a, w00, b, w10, c, w20);
      } else {
        acc1 = firstColumn(rows, a, w00, b, w10, c, w20);
      }
      from += pixel;
    }
    if (size > 3) {
      for (let left = skip; left > 0; left--) {
        const next = from + pixel;
        const a = v128.load(from);
        const b = rows > 1 ? v128.load(from + xRow) : a;
        const nextA = v128.load(next);
        const nextB = rows > 1 ? v128.load(next + xRow) : a;
        acc1 = column(rows, column(rows, acc2, a, w01, b, w11, a, w21), nextA, w02, nextB, w12, a, w22);
        acc2 = firstColumn(rows, nextA, w00, nextB, w10, a, w20);
        from = next + pixel;
      }
    }
    const end = at + <usize>count * yStep;
    while (at < end) {
      const next = from + pixel;
      const a = v128.load(from);
      const b = rows > 1 ? v128.load(from + xRow) : a;
      const c = rows > 2 ? v128.load(from + 2 * xRow) : a;
      const nextA = v128.load(next);
      const nextB = rows > 1 ? v128.load(next + xRow) : a;
      const nextC = rows > 2 ? v128.load(next + 2 * xRow) : a;
      let done = f32x4.add(acc1, v128.load(start));
      done = column(rows, done, a, size > 3 ? w03 : w01, b, size > 3 ? w13 : w11, c, w21);
      done = column(rows, done, nextA, size > 3 ? w04 : w02, nextB, size > 3 ? w14 : w12, nextC, w22);
      v128.store(at, clamp(done, f32x4.splat(low), f32x4.splat(high)));
      if (size > 3) {
        acc1 = column(rows, column(rows, acc2, a, w01, b, w11, c, w21), nextA, w02, nextB, w12, nextC, w22);
        acc2 = firstColumn(rows, nextA, w00, nextB, w10, nextC, w20);
      } else {
        acc1 = firstColumn(rows, nextA, w00, nextB, w10, nextC, w20);
      }
      from = next + pixel;
      start += initStep;
      at += yStep;
    }
    if (odd) {
      const a = v128.load(from);
      const b = rows > 1 ? v128.load(from + xRow) : a;
      const c = rows > 2 ? v128.load(from + 2 * xRow) : a;
      acc1 = column(rows, acc1, a, size > 3 ? w03 : w01, b, size > 3 ? w13 : w11, c, w21);
      if (size > 3) acc2 = column(rows, acc2, a, w01, b, w11, c, w21);
    }
    for (let left = flush; left > 0; left--) {
      v128.store(at, clamp(f32x4.add(acc1, v128.load(start)), f32x4.splat(low), f32x4.splat(high)));
      if (size > 3) {
        acc1 = acc2;
        acc2 = none;
      } else {
        acc1 = none;
      }
      start += initStep;
      at += yStep;
    }
    x += 16;
    w += 16;
    y += 16;
    init += initNext;
    vectors--;
  }
}

export function pass3x3s2(
  vectors: i32, x: usize, xRow: usize, pixel: usize, y: usize, yStep: usize, even: i32, skip: i32, count: i32, odd: i32,
  flush: i32, init: usize, initStep: usize, w: usize, wTap: usize, low: f32, high: f32,
): void {
  pass(3, 3, vectors, x, xRow, pixel, y, yStep, even, skip, count, odd, flush, init, initStep, w, wTap, low, high);
}

export function pass3x2s2(
  vectors: i32, x: usize, xRow: usize, pixel: usize, y: usize, yStep: usize, even: i32, skip: i32, count: i32, odd: i32,
  flush: i32, init: usize, initStep: usize, w: usize, wTap: usize, low: f32, high: f32,
): void {
  pass(3, 2, vectors, x, xRow, pixel, y, yStep, even, skip, count, odd, flush, init, initStep, w, wTap, low, high);
}

export function pass5x2s2(
  vectors: i32, x: usize, xRow: usize, pixel: usize, y: usize, yStep: usize, even: i32, skip: i32, count: i32, odd: i32,
  flush: i32, init: usize, initStep: usize, w: usize, wTap: usize, low: f32, high: f32,
): void {
  pass(5, 2, vectors, x, xRow, pixel, y, yStep, even, skip, count, odd, flush, init, initStep, w, wTap, low, high);
}

export function pass5x1s2(
  vectors: i32, x: usize, xRow: usize, pixel: usize, y: usize, yStep: usize, even: i32, skip: i32, count: i32, odd: i32,
  flush: i32, init: usize, initStep: usize, w: usize, wTap: usize, low: f32, high: f32,
): void {
  pass(5, 1, vectors, x, xRow, pixel, y, yStep, even, skip, count, odd, flush, init, initStep, w, wTap, low, high);
}
