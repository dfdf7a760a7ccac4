// Passes at stride 2 (dwconv_pass.ts). Columns come in pairs of an odd and an even one, counted from the padded edge; a
// pair completes an output. acc1 is the output completed next, acc2 (5 columns) the one after.
import { clamp, madd } from "../simd";
import { ZEROS } from "./dwconv_sweep";

/** Adds a column of two or three rows to the output for which it is the column of the weights wa, wb and wc. */
// @ts-ignore: decorator
@inline
function column(rows: i32, acc: v128, a: v128, wa: v128, b: v128, wb: v128, c: v128, wc: v128): v128 {
  const two = madd(madd(acc, a, wa), b, wb);
  return rows > 2 ? madd(two, c, wc) : two;
}

/** The same for the first column of an output. */
// @ts-ignore: decorator
@inline
function firstColumn(rows: i32, a: v128, wa: v128, b: v128, wb: v128, c: v128, wc: v128): v128 {
  const two = madd(f32x4.mul(a, wa), b, wb);
  return rows > 2 ? madd(two, c, wc) : two;
}

/**
 * `size` (3 or 5) columns and `rows` (3 or 2) rows of the kernel are literals. With `even` the row begins with a lone
 * even column, with `odd` it ends with a lone odd one.
 */
// @ts-ignore: decorator
@inline
function pass(
  size: i32, rows: i32, vectors: i32, x0: usize, x1: usize, x2: usize, step0: usize, step1: usize, step2: usize,
  y: usize, yStep: usize, even: i32, skip: i32, count: i32, odd: i32, flush: i32,
  init: usize, initStep: usize, w0: usize, w1: usize, w2: usize, wTap: usize, low: f32, high: f32,
): void {
  const initNext = init == ZEROS ? 0 : 16;
  while (vectors > 0) {
    const w00 = v128.load(w0);
    const w01 = v128.load(w0 + wTap);
    const w02 = v128.load(w0 + 2 * wTap);
    const w03 = size > 3 ? v128.load(w0 + 3 * wTap) : f32x4.splat(0);
    const w04 = size > 3 ? v128.load(w0 + 4 * wTap) : f32x4.splat(0);
    const w10 = v128.load(w1);
    const w11 = v128.load(w1 + wTap);
    const w12 = v128.load(w1 + 2 * wTap);
    const w13 = size > 3 ? v128.load(w1 + 3 * wTap) : f32x4.splat(0);
    const w14 = size > 3 ? v128.load(w1 + 4 * wTap) : f32x4.splat(0);
    const w20 = rows > 2 ? v128.load(w2) : f32x4.splat(0);
    const w21 = rows > 2 ? v128.load(w2 + wTap) : f32x4.splat(0);
    const w22 = rows > 2 ? v128.load(w2 + 2 * wTap) : f32x4.splat(0);
    let acc1 = f32x4.splat(0);
    let acc2 = f32x4.splat(0);
    let xa = x0;
    let xb = x1;
    let xc = x2;
    let at = y;
    let from = init;
    if (even) {
      const a = v128.load(xa);
      const b = v128.load(xb);
      const c = rows > 2 ? v128.load(xc) : a;
      if (size > 3) {
        acc1 = column(rows, acc2, a, w02, b, w12, c, w02);
        acc2 = firstColumn(rows, a, w00, b, w10, c, w00);
      } else {
        acc1 = firstColumn(rows, a, w00, b, w10, c, w20);
      }
      xa += step0;
      xb += step1;
      xc += step2;
    }
    for (let left = size > 3 ? skip : 0; left > 0; left--) {
      const a = v128.load(xa);
      const b = v128.load(xb);
      const c = rows > 2 ? v128.load(xc) : a;
      const nextA = v128.load(xa + step0);
      const nextB = v128.load(xb + step1);
      const nextC = rows > 2 ? v128.load(xc + step2) : a;
      acc1 = column(rows, column(rows, acc2, a, w01, b, w11, c, w01), nextA, w02, nextB, w12, nextC, w02);
      acc2 = firstColumn(rows, nextA, w00, nextB, w10, nextC, w00);
      xa += 2 * step0;
      xb += 2 * step1;
      if (rows > 2) xc += 2 * step2;
    }
    const end = at + <usize>count * yStep;
    while (at < end) {
      const a = v128.load(xa);
      const b = v128.load(xb);
      const c = rows > 2 ? v128.load(xc) : a;
      const nextA = v128.load(xa + step0);
      const nextB = v128.load(xb + step1);
      const nextC = rows > 2 ? v128.load(xc + step2) : a;
      let done = f32x4.add(acc1, v128.load(from));
      done = column(rows, done, a, size > 3 ? w03 : w01, b, size > 3 ? w13 : w11, c, w21);
      done = column(rows, done, nextA, size > 3 ? w04 : w02, nextB, size > 3 ? w14 : w12, nextC, w22);
      v128.store(at, clamp(done, f32x4.splat(low), f32x4.splat(high)));
      if (size > 3) {
        acc1 = column(rows, column(rows, acc2, a, w01, b, w11, c, w01), nextA, w02, nextB, w12, nextC, w02);
        acc2 = firstColumn(rows, nextA, w00, nextB, w10, nextC, w00);
      } else {
        acc1 = firstColumn(rows, nextA, w00, nextB, w10, nextC, w20);
      }
      xa += 2 * step0;
      xb += 2 * step1;
      if (rows > 2) xc += 2 * step2;
      from += initStep;
      at += yStep;
    }
    if (odd) {
      const a = v128.load(xa);
      const b = v128.load(xb);
      const c = rows > 2 ? v128.load(xc) : a;
      acc1 = column(rows, acc1, a, size > 3 ? w03 : w01, b, size > 3 ? w13 : w11, c, w21);
      if (size > 3) acc2 = column(rows, acc2, a, w01, b, w11, c, w01);
    }
    for (let left = flush; left > 0; left--) {
      v128.store(at, clamp(f32x4.add(acc1, v128.load(from)), f32x4.splat(low), f32x4.splat(high)));
      acc1 = acc2;
      acc2 = f32x4.splat(0);
      from += initStep;
      at += yStep;
    }
    x0 += step0 ? 16 : 0;
    x1 += step1 ? 16 : 0;
    x2 += step2 ? 16 : 0;
    w0 += 16;
    w1 += 16;
    w2 += 16;
    y += 16;
    init += initNext;
    vectors--;
  }
}

export function pass3x3s2(
  vectors: i32, x0: usize, x1: usize, x2: usize, step0: usize, step1: usize, step2: usize, y: usize, yStep: usize,
  even: i32, skip: i32, count: i32, odd: i32, flush: i32, init: usize, initStep: usize,
  w0: usize, w1: usize, w2: usize, wTap: usize, low: f32, high: f32,
): void {
  pass(
    3, 3, vectors, x0, x1, x2, step0, step1, step2, y, yStep, even, skip, count, odd, flush, init, initStep,
    w0, w1, w2, wTap, low, high,
  );
}

export function pass5x2s2(
  vectors: i32, x0: usize, x1: usize, step0: usize, step1: usize, y: usize, yStep: usize,
  even: i32, skip: i32, count: i32, odd: i32, flush: i32, init: usize, initStep: usize,
  w0: usize, w1: usize, wTap: usize, low: f32, high: f32,
): void {
  pass(
    5, 2, vectors, x0, x1, 0, step0, step1, 0, y, yStep, even, skip, count, odd, flush, init, initStep,
    w0, w1, 0, wTap, low, high,
  );
}
