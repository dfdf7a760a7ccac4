// Depthwise 3x3 and 5x5 along one output row for one vector of four channels. Each input column is loaded once and
// added to every output it belongs to, in accumulators that roll along the row. Rows off the image are a pointer to
// zeros with step 0.
import { clamp, madd } from "../simd";

/** Four zero channels: what lies off the image, and the bias that is absent. */
export const ZEROS: usize = memory.data(16, 16);

// @ts-ignore: decorator
@inline
function load(pointer: usize): v128 {
  return v128.load(pointer);
}

/** y[ox] for ox from 0 to ends; `skip` first columns complete no output and `flush` outputs lack a last column. */
export function sweep3x3(
  x0: usize, x1: usize, x2: usize, step0: usize, step1: usize, step2: usize,
  y: usize, yStep: usize, skip: i32, count: i32, flush: i32,
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
  let acc1 = v128.load(bias);
  let acc2 = acc1;
  while (skip > 0) {
    const a = v128.load(x0);
    const b = v128.load(x1);
    const c = v128.load(x2);
    acc2 = madd(madd(madd(acc1, a, w01), b, w11), c, w21);
    acc1 = madd(madd(madd(v128.load(bias), a, w00), b, w10), c, w20);
    x0 += step0;
    x1 += step1;
    x2 += step2;
    skip--;
  }
  const end = y + <usize>count * yStep;
  while (y < end) {
    const a = v128.load(x0);
    const b = v128.load(x1);
    const c = v128.load(x2);
    v128.store(y, clamp(madd(madd(madd(acc2, a, w02), b, w12), c, w22), f32x4.splat(low), f32x4.splat(high)));
    acc2 = madd(madd(madd(acc1, a, w01), b, w11), c, w21);
    acc1 = madd(madd(madd(v128.load(bias), a, w00), b, w10), c, w20);
    x0 += step0;
    x1 += step1;
    x2 += step2;
    y += yStep;
  }
  while (flush > 0) {
    v128.store(y, clamp(acc2, f32x4.splat(low), f32x4.splat(high)));
    acc2 = acc1;
    acc1 = v128.load(bias);
    y += yStep;
    flush--;
  }
}

export function sweep3x3two(
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
    p2 = madd(madd(madd(p1, a, w01), b, w11), c, w21);
    p1 = madd(madd(madd(v128.load(bias), a, w00), b, w10), c, w20);
    q2 = madd(madd(madd(q1, b, w01), c, w11), d, w21);
    q1 = madd(madd(madd(v128.load(bias), b, w00), c, w10), d, w20);
    x0 += step0;
    x1 += step1;
    x2 += step2;
    x3 += step3;
    skip--;
  }
  const end = y + <usize>count * yStep;
  while (y < end) {
    const a = v128.load(x0);
    const b = v128.load(x1);
    const c = v128.load(x2);
    v128.store(y, clamp(madd(madd(madd(p2, a, w02), b, w12), c, w22), f32x4.splat(low), f32x4.splat(high)));
    p2 = madd(madd(madd(p1, a, w01), b, w11), c, w21);
    p1 = madd(madd(madd(v128.load(bias), a, w00), b, w10), c, w20);
    const d = v128.load(x3);
    v128.store(y + yRow, clamp(madd(madd(madd(q2, b, w02), c, w12), d, w22), f32x4.splat(low), f32x4.splat(high)));
    q2 = madd(madd(madd(q1, b, w01), c, w11), d, w21);
    q1 = madd(madd(madd(v128.load(bias), b, w00), c, w10), d, w20);
    x0 += step0;
    x1 += step1;
    x2 += step2;
    x3 += step3;
    y += yStep;
  }
  while (flush > 0) {
    v128.store(y, clamp(p2, f32x4.splat(low), f32x4.splat(high)));
    v128.store(y + yRow, clamp(q2, f32x4.splat(low), f32x4.splat(high)));
    p2 = p1;
    q2 = q1;
    p1 = v128.load(bias);
    q1 = p1;
    y += yStep;
    flush--;
  }
}
