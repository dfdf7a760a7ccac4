// Passes at stride 1 (dwconv_pass.ts). Each input column is loaded once and added to every output it belongs to, in
// accumulators that roll along the row: acc1 is the output whose first column came last, and so on.
import { clamp, madd } from "../simd";
import { ZEROS } from "./dwconv_sweep";

/** Adds a column of one or two rows to the output for which it is the column of the weights wa and wb. */
// @ts-ignore: decorator
@inline
function column(rows: i32, acc: v128, a: v128, wa: v128, b: v128, wb: v128): v128 {
  return rows > 1 ? madd(madd(acc, a, wa), b, wb) : madd(acc, a, wa);
}

/** `size` (5 or 7) columns and `rows` (1 or 2) rows of the kernel are literals. */
// @ts-ignore: decorator
@inline
function pass(
  size: i32, rows: i32, vectors: i32, x: usize, xRow: usize, pixel: usize, y: usize, yStep: usize,
  skip: i32, count: i32, flush: i32, init: usize, initStep: usize, w: usize, wTap: usize, low: f32, high: f32,
): void {
  const initNext = init == ZEROS ? 0 : 16;
  while (vectors > 0) {
    const w00 = v128.load(w);
    const w01 = v128.load(w + wTap);
    const w02 = v128.load(w + 2 * wTap);
    const w03 = v128.load(w + 3 * wTap);
    const w04 = v128.load(w + 4 * wTap);
    const w05 = size > 5 ? v128.load(w + 5 * wTap) : f32x4.splat(0);
    const w06 = size > 5 ? v128.load(w + 6 * wTap) : f32x4.splat(0);
    const wNext = w + <usize>size * wTap;
    const w10 = rows > 1 ? v128.load(wNext) : f32x4.splat(0);
    const w11 = rows > 1 ? v128.load(wNext + wTap) : f32x4.splat(0);
    const w12 = rows > 1 ? v128.load(wNext + 2 * wTap) : f32x4.splat(0);
    const w13 = rows > 1 ? v128.load(wNext + 3 * wTap) : f32x4.splat(0);
    const w14 = rows > 1 ? v128.load(wNext + 4 * wTap) : f32x4.splat(0);
    let acc1 = f32x4.splat(0);
    let acc2 = f32x4.splat(0);
    let acc3 = f32x4.splat(0);
    let acc4 = f32x4.splat(0);
    let acc5 = f32x4.splat(0);
    let acc6 = f32x4.splat(0);
    let from = x;
    let at = y;
    let start = init;
    for (let left = skip; left > 0; left--) {
      const a = v128.load(from);
      const b = rows > 1 ? v128.load(from + xRow) : a;
      if (size > 5) {
        acc6 = column(rows, acc5, a, w05, b, w05);
        acc5 = column(rows, acc4, a, w04, b, w04);
      }
      acc4 = column(rows, acc3, a, w03, b, w13);
      acc3 = column(rows, acc2, a, w02, b, w12);
      acc2 = column(rows, acc1, a, w01, b, w11);
      acc1 = rows > 1 ? madd(f32x4.mul(a, w00), b, w10) : f32x4.mul(a, w00);
      from += pixel;
    }
    const end = at + <usize>count * yStep;
    while (at < end) {
      const a = v128.load(from);
      const b = rows > 1 ? v128.load(from + xRow) : a;
      const begun = f32x4.add(size > 5 ? acc6 : acc4, v128.load(start));
      const done = column(rows, begun, a, size > 5 ? w06 : w04, b, w14);
      v128.store(at, clamp(done, f32x4.splat(low), f32x4.splat(high)));
      if (size > 5) {
        acc6 = column(rows, acc5, a, w05, b, w05);
        acc5 = column(rows, acc4, a, w04, b, w04);
      }
      acc4 = column(rows, acc3, a, w03, b, w13);
      acc3 = column(rows, acc2, a, w02, b, w12);
      acc2 = column(rows, acc1, a, w01, b, w11);
      acc1 = rows > 1 ? madd(f32x4.mul(a, w00), b, w10) : f32x4.mul(a, w00);
      from += pixel;
      start += initStep;
      at += yStep;
    }
    for (let left = flush; left > 0; left--) {
      const done = f32x4.add(size > 5 ? acc6 : acc4, v128.load(start));
      v128.store(at, clamp(done, f32x4.splat(low), f32x4.splat(high)));
      acc6 = acc5;
      acc5 = acc4;
      acc4 = acc3;
      acc3 = acc2;
      acc2 = acc1;
      acc1 = f32x4.splat(0);
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

export function pass5x2(
  vectors: i32, x: usize, xRow: usize, pixel: usize, y: usize, yStep: usize, skip: i32, count: i32, flush: i32,
  init: usize, initStep: usize, w: usize, wTap: usize, low: f32, high: f32,
): void {
  pass(5, 2, vectors, x, xRow, pixel, y, yStep, skip, count, flush, init, initStep, w, wTap, low, high);
}

export function pass5x1(
  vectors: i32, x: usize, xRow: usize, pixel: usize, y: usize, yStep: usize, skip: i32, count: i32, flush: i32,
  init: usize, initStep: usize, w: usize, wTap: usize, low: f32, high: f32,
): void {
  pass(5, 1, vectors, x, xRow, pixel, y, yStep, skip, count, flush, init, initStep, w, wTap, low, high);
}

export function pass7x1(
  vectors: i32, x: usize, xRow: usize, pixel: usize, y: usize, yStep: usize, skip: i32, count: i32, flush: i32,
  init: usize, initStep: usize, w: usize, wTap: usize, low: f32, high: f32,
): void {
  pass(7, 1, vectors, x, xRow, pixel, y, yStep, skip, count, flush, init, initStep, w, wTap, low, high);
}
