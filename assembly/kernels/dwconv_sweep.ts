// Depthwise 3x3 at stride 1 along two output rows, vector by vector of four channels. Each input column is loaded once
// and added to every output it belongs to, in accumulators that roll along the row. Rows off the image are a pointer
// to zeros with step 0.
//
// `skip` columns come before the first output is complete; then `count` outputs are stored as their last column
// passes; `flush` outputs follow whose last columns are off the image.
import { clamp, madd } from "../simd";

/** Sixteen zero channels: what lies off the image, and the bias that is absent. */
export const ZEROS: usize = memory.data(64, 16);

/** Adds one column of three rows to an output for which it is the column of the weights w0, w1, w2. */
// @ts-ignore: decorator
@inline
function column(acc: v128, a: v128, w0: v128, b: v128, w1: v128, c: v128, w2: v128): v128 {
  return madd(madd(madd(acc, a, w0), b, w1), c, w2);
}

/**
 * Two output rows from four input rows: y and y + yRow, p and q. With yRow == 0 the second row is discarded, which is
 * why it is stored first. Nine weights and four rolling accumulators are what the registers hold.
 */
// @ts-ignore: decorator
@inline
function sweepVector(
  x0: usize, x1: usize, x2: usize, x3: usize, step0: usize, step1: usize, step2: usize, step3: usize,
  y: usize, yRow: usize, yStep: usize, skip: i32, count: i32, flush: i32,
  w: usize, wStep: usize, bias: usize, low: f32, high: f32,
): void {
  const w00 = v128.load(w);
  w += wStep;
  const w01 = v128.load(w);
  w += wStep;
  const w02 = v128.load(w);
  w += wStep;
  const w10 = v128.load(w);
  w += wStep;
  const w11 = v128.load(w);
  w += wStep;
  const w12 = v128.load(w);
  w += wStep;
  const w20 = v128.load(w);
  w += wStep;
  const w21 = v128.load(w);
  w += wStep;
  const w22 = v128.load(w);
  let p1 = v128.load(bias);
  let p2 = p1;
  let q1 = p1;
  let q2 = p1;
  while (skip > 0) {
    const a = v128.load(x0);
    const b = v128.load(x1);
    const c = v128.load(x2);
    const d = v128.load(x3);
    p2 = column(p1, a, w01, b, w11, c, w21);
    p1 = column(v128.load(bias), a, w00, b, w10, c, w20);
    q2 = column(q1, b, w01, c, w11, d, w21);
    q1 = column(v128.load(bias), b, w00, c, w10, d, w20);
    x0 += step0;
    x1 += step1;
    x2 += step2;
    x3 += step3;
    skip--;
  }
  const end = y + <usize>count * yStep;
  while (y < end) {
    const b = v128.load(x1);
    const c = v128.load(x2);
    const d = v128.load(x3);
    v128.store(y + yRow, clamp(column(q2, b, w02, c, w12, d, w22), f32x4.splat(low), f32x4.splat(high)));
    q2 = column(q1, b, w01, c, w11, d, w21);
    q1 = column(v128.load(bias), b, w00, c, w10, d, w20);
    const a = v128.load(x0);
    v128.store(y, clamp(column(p2, a, w02, b, w12, c, w22), f32x4.splat(low), f32x4.splat(high)));
    p2 = column(p1, a, w01, b, w11, c, w21);
    p1 = column(v128.load(bias), a, w00, b, w10, c, w20);
    x0 += step0;
    x1 += step1;
    x2 += step2;
    x3 += step3;
    y += yStep;
  }
  while (flush > 0) {
    v128.store(y + yRow, clamp(q2, f32x4.splat(low), f32x4.splat(high)));
    v128.store(y, clamp(p2, f32x4.splat(low), f32x4.splat(high)));
    p2 = p1;
    q2 = q1;
    p1 = v128.load(bias);
    q1 = p1;
    y += yStep;
    flush--;
  }
}

/** Channels are walked in here: rows are short, and a call has twenty arguments. */
export function sweep3x3(
  x0: usize, x1: usize, x2: usize, x3: usize, step0: usize, step1: usize, step2: usize, step3: usize,
  y: usize, yRow: usize, yStep: usize, skip: i32, count: i32, flush: i32,
  w: usize, wStep: usize, bias: usize, vectors: i32, low: f32, high: f32,
): void {
  while (vectors > 0) {
    vectors--;
    sweepVector(x0, x1, x2, x3, step0, step1, step2, step3, y, yRow, yStep, skip, count, flush, w, wStep, bias, low, high);
    x0 += step0 ? 16 : 0;
    x1 += step1 ? 16 : 0;
    x2 += step2 ? 16 : 0;
    x3 += step3 ? 16 : 0;
    y += 16;
    w += 16;
    if (bias != ZEROS) bias += 16;
  }
}
