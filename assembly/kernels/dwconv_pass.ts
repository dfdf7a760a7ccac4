// Depthwise convolution along one output row for one vector of four channels, one or a few rows of the kernel at a
// time: the first pass adds `init` = bias (initStep 0) to its outputs, the next ones what the last one stored. Each
// input column is loaded once and added to every output it belongs to, in accumulators that roll along the row.
// `skip`, `count` and `flush` as in dwconv_sweep.ts; kernel rows off the image are zeros with step 0.
import { SpatialShape } from "../shapes";
import { clamp, madd } from "../simd";
import { ZEROS } from "./dwconv_sweep";

/** Stride 1. acc1 is the output whose first column came last, and so on; `done` the one whose last column this is. */
// @ts-ignore: decorator
@inline
function unitVector5x2(
  x0: usize, x1: usize, step0: usize, step1: usize, y: usize, yStep: usize, skip: i32, count: i32, flush: i32, init: usize, initStep: usize,
  w0: usize, w1: usize, wTap: usize, low: f32, high: f32,
): void {
  const w00 = v128.load(w0);
  w0 += wTap;
  const w01 = v128.load(w0);
  w0 += wTap;
  const w02 = v128.load(w0);
  w0 += wTap;
  const w03 = v128.load(w0);
  w0 += wTap;
  const w04 = v128.load(w0);
  const w10 = v128.load(w1);
  w1 += wTap;
  const w11 = v128.load(w1);
  w1 += wTap;
  const w12 = v128.load(w1);
  w1 += wTap;
  const w13 = v128.load(w1);
  w1 += wTap;
  const w14 = v128.load(w1);
  let acc1 = f32x4.splat(0);
  let acc2 = f32x4.splat(0);
  let acc3 = f32x4.splat(0);
  let acc4 = f32x4.splat(0);
  while (skip > 0) {
    const a = v128.load(x0);
    const b = v128.load(x1);
    acc4 = madd(madd(acc3, a, w03), b, w13);
    acc3 = madd(madd(acc2, a, w02), b, w12);
    acc2 = madd(madd(acc1, a, w01), b, w11);
    acc1 = madd(f32x4.mul(a, w00), b, w10);
    x0 += step0;
    x1 += step1;
    skip--;
  }
  const end = y + <usize>count * yStep;
  while (y < end) {
    const a = v128.load(x0);
    const b = v128.load(x1);
    const done = madd(madd(f32x4.add(acc4, v128.load(init)), a, w04), b, w14);
    v128.store(y, clamp(done, f32x4.splat(low), f32x4.splat(high)));
    acc4 = madd(madd(acc3, a, w03), b, w13);
    acc3 = madd(madd(acc2, a, w02), b, w12);
    acc2 = madd(madd(acc1, a, w01), b, w11);
    acc1 = madd(f32x4.mul(a, w00), b, w10);
    x0 += step0;
    x1 += step1;
    init += initStep;
    y += yStep;
  }
  while (flush > 0) {
    v128.store(y, clamp(f32x4.add(acc4, v128.load(init)), f32x4.splat(low), f32x4.splat(high)));
    acc4 = acc3;
    acc3 = acc2;
    acc2 = acc1;
    acc1 = f32x4.splat(0);
    init += initStep;
    y += yStep;
    flush--;
  }
}

// @ts-ignore: decorator
@inline
function unitVector7x1(
  x0: usize, step0: usize, y: usize, yStep: usize, skip: i32, count: i32, flush: i32, init: usize, initStep: usize,
  w0: usize, wTap: usize, low: f32, high: f32,
): void {
  const w00 = v128.load(w0);
  w0 += wTap;
  const w01 = v128.load(w0);
  w0 += wTap;
  const w02 = v128.load(w0);
  w0 += wTap;
  const w03 = v128.load(w0);
  w0 += wTap;
  const w04 = v128.load(w0);
  w0 += wTap;
  const w05 = v128.load(w0);
  w0 += wTap;
  const w06 = v128.load(w0);
  let acc1 = f32x4.splat(0);
  let acc2 = f32x4.splat(0);
  let acc3 = f32x4.splat(0);
  let acc4 = f32x4.splat(0);
  let acc5 = f32x4.splat(0);
  let acc6 = f32x4.splat(0);
  while (skip > 0) {
    const a = v128.load(x0);
    acc6 = madd(acc5, a, w05);
    acc5 = madd(acc4, a, w04);
    acc4 = madd(acc3, a, w03);
    acc3 = madd(acc2, a, w02);
    acc2 = madd(acc1, a, w01);
    acc1 = f32x4.mul(a, w00);
    x0 += step0;
    skip--;
  }
  const end = y + <usize>count * yStep;
  while (y < end) {
    const a = v128.load(x0);
    const done = madd(f32x4.add(acc6, v128.load(init)), a, w06);
    v128.store(y, clamp(done, f32x4.splat(low), f32x4.splat(high)));
    acc6 = madd(acc5, a, w05);
    acc5 = madd(acc4, a, w04);
    acc4 = madd(acc3, a, w03);
    acc3 = madd(acc2, a, w02);
    acc2 = madd(acc1, a, w01);
    acc1 = f32x4.mul(a, w00);
    x0 += step0;
    init += initStep;
    y += yStep;
  }
  while (flush > 0) {
    v128.store(y, clamp(f32x4.add(acc6, v128.load(init)), f32x4.splat(low), f32x4.splat(high)));
    acc6 = acc5;
    acc5 = acc4;
    acc4 = acc3;
    acc3 = acc2;
    acc2 = acc1;
    acc1 = f32x4.splat(0);
    init += initStep;
    y += yStep;
    flush--;
  }
}

/**
 * Stride 2, columns in pairs of an odd and an even one (counted from the padded edge); a pair completes an output. With
 * `even` the row begins with a lone even column, with `odd` it ends with a lone odd one. acc1 is the output completed
 * next, acc2 the one after.
 */
// @ts-ignore: decorator
@inline
function doubleVector3x3(
  x0: usize, x1: usize, x2: usize, step0: usize, step1: usize, step2: usize, y: usize, yStep: usize, even: i32, skip: i32, count: i32,
  odd: i32, flush: i32, init: usize, initStep: usize, w0: usize, w1: usize, w2: usize, wTap: usize, low: f32, high: f32,
): void {
  const w00 = v128.load(w0);
  w0 += wTap;
  const w01 = v128.load(w0);
  w0 += wTap;
  const w02 = v128.load(w0);
  const w10 = v128.load(w1);
  w1 += wTap;
  const w11 = v128.load(w1);
  w1 += wTap;
  const w12 = v128.load(w1);
  const w20 = v128.load(w2);
  w2 += wTap;
  const w21 = v128.load(w2);
  w2 += wTap;
  const w22 = v128.load(w2);
  let acc1 = f32x4.splat(0);
  if (even) {
    const even0 = v128.load(x0);
    x0 += step0;
    const even1 = v128.load(x1);
    x1 += step1;
    const even2 = v128.load(x2);
    x2 += step2;
    acc1 = madd(madd(f32x4.mul(even0, w00), even1, w10), even2, w20);
  }
  const end = y + <usize>count * yStep;
  while (y < end) {
    const odd0 = v128.load(x0);
    const even0 = v128.load(x0 + step0);
    x0 += 2 * step0;
    const odd1 = v128.load(x1);
    const even1 = v128.load(x1 + step1);
    x1 += 2 * step1;
    const odd2 = v128.load(x2);
    const even2 = v128.load(x2 + step2);
    x2 += 2 * step2;
    const done = madd(madd(madd(madd(madd(madd(f32x4.add(acc1, v128.load(init)), odd0, w01), odd1, w11), odd2, w21), even0, w02), even1, w12), even2, w22);
    v128.store(y, clamp(done, f32x4.splat(low), f32x4.splat(high)));
    acc1 = madd(madd(f32x4.mul(even0, w00), even1, w10), even2, w20);
    init += initStep;
    y += yStep;
  }
  if (odd) {
    const odd0 = v128.load(x0);
    x0 += step0;
    const odd1 = v128.load(x1);
    x1 += step1;
    const odd2 = v128.load(x2);
    x2 += step2;
    acc1 = madd(madd(madd(acc1, odd0, w01), odd1, w11), odd2, w21);
  }
  while (flush > 0) {
    v128.store(y, clamp(f32x4.add(acc1, v128.load(init)), f32x4.splat(low), f32x4.splat(high)));
    acc1 = f32x4.splat(0);
    init += initStep;
    y += yStep;
    flush--;
  }
}

// @ts-ignore: decorator
@inline
function doubleVector5x2(
  x0: usize, x1: usize, step0: usize, step1: usize, y: usize, yStep: usize, even: i32, skip: i32, count: i32,
  odd: i32, flush: i32, init: usize, initStep: usize, w0: usize, w1: usize, wTap: usize, low: f32, high: f32,
): void {
  const w00 = v128.load(w0);
  w0 += wTap;
  const w01 = v128.load(w0);
  w0 += wTap;
  const w02 = v128.load(w0);
  w0 += wTap;
  const w03 = v128.load(w0);
  w0 += wTap;
  const w04 = v128.load(w0);
  const w10 = v128.load(w1);
  w1 += wTap;
  const w11 = v128.load(w1);
  w1 += wTap;
  const w12 = v128.load(w1);
  w1 += wTap;
  const w13 = v128.load(w1);
  w1 += wTap;
  const w14 = v128.load(w1);
  let acc1 = f32x4.splat(0);
  let acc2 = f32x4.splat(0);
  if (even) {
    const even0 = v128.load(x0);
    x0 += step0;
    const even1 = v128.load(x1);
    x1 += step1;
    acc1 = madd(madd(acc2, even0, w02), even1, w12);
    acc2 = madd(f32x4.mul(even0, w00), even1, w10);
  }
  while (skip > 0) {
    const odd0 = v128.load(x0);
    const even0 = v128.load(x0 + step0);
    x0 += 2 * step0;
    const odd1 = v128.load(x1);
    const even1 = v128.load(x1 + step1);
    x1 += 2 * step1;
    acc1 = madd(madd(madd(madd(acc2, odd0, w01), odd1, w11), even0, w02), even1, w12);
    acc2 = madd(f32x4.mul(even0, w00), even1, w10);
    skip--;
  }
  const end = y + <usize>count * yStep;
  while (y < end) {
    const odd0 = v128.load(x0);
    const even0 = v128.load(x0 + step0);
    x0 += 2 * step0;
    const odd1 = v128.load(x1);
    const even1 = v128.load(x1 + step1);
    x1 += 2 * step1;
    const done = madd(madd(madd(madd(f32x4.add(acc1, v128.load(init)), odd0, w03), odd1, w13), even0, w04), even1, w14);
    v128.store(y, clamp(done, f32x4.splat(low), f32x4.splat(high)));
    acc1 = madd(madd(madd(madd(acc2, odd0, w01), odd1, w11), even0, w02), even1, w12);
    acc2 = madd(f32x4.mul(even0, w00), even1, w10);
    init += initStep;
    y += yStep;
  }
  if (odd) {
    const odd0 = v128.load(x0);
    x0 += step0;
    const odd1 = v128.load(x1);
    x1 += step1;
    acc1 = madd(madd(acc1, odd0, w03), odd1, w13);
    acc2 = madd(madd(acc2, odd0, w01), odd1, w11);
  }
  while (flush > 0) {
    v128.store(y, clamp(f32x4.add(acc1, v128.load(init)), f32x4.splat(low), f32x4.splat(high)));
    acc1 = acc2;
    acc2 = f32x4.splat(0);
    init += initStep;
    y += yStep;
    flush--;
  }
}

function unit5x2(
  vectors: i32, x0: usize, x1: usize, step0: usize, step1: usize, y: usize, yStep: usize, skip: i32, count: i32, flush: i32,
  init: usize, initStep: usize, w0: usize, w1: usize, wTap: usize, low: f32, high: f32,
): void {
  const initNext = init == ZEROS ? 0 : 16;
  while (vectors > 0) {
    unitVector5x2(x0, x1, step0, step1, y, yStep, skip, count, flush, init, initStep, w0, w1, wTap, low, high);
    x0 += step0 ? 16 : 0;
    x1 += step1 ? 16 : 0;
    w0 += 16;
    w1 += 16;
    y += 16;
    init += initNext;
    vectors--;
  }
}

function unit7x1(
  vectors: i32, x0: usize, step0: usize, y: usize, yStep: usize, skip: i32, count: i32, flush: i32,
  init: usize, initStep: usize, w0: usize, wTap: usize, low: f32, high: f32,
): void {
  const initNext = init == ZEROS ? 0 : 16;
  while (vectors > 0) {
    unitVector7x1(x0, step0, y, yStep, skip, count, flush, init, initStep, w0, wTap, low, high);
    x0 += step0 ? 16 : 0;
    w0 += 16;
    y += 16;
    init += initNext;
    vectors--;
  }
}

function double3x3(
  vectors: i32, x0: usize, x1: usize, x2: usize, step0: usize, step1: usize, step2: usize, y: usize, yStep: usize, even: i32, skip: i32, count: i32, odd: i32, flush: i32,
  init: usize, initStep: usize, w0: usize, w1: usize, w2: usize, wTap: usize, low: f32, high: f32,
): void {
  const initNext = init == ZEROS ? 0 : 16;
  while (vectors > 0) {
    doubleVector3x3(x0, x1, x2, step0, step1, step2, y, yStep, even, skip, count, odd, flush, init, initStep, w0, w1, w2, wTap, low, high);
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

function double5x2(
  vectors: i32, x0: usize, x1: usize, step0: usize, step1: usize, y: usize, yStep: usize, even: i32, skip: i32, count: i32, odd: i32, flush: i32,
  init: usize, initStep: usize, w0: usize, w1: usize, wTap: usize, low: f32, high: f32,
): void {
  const initNext = init == ZEROS ? 0 : 16;
  while (vectors > 0) {
    doubleVector5x2(x0, x1, step0, step1, y, yStep, even, skip, count, odd, flush, init, initStep, w0, w1, wTap, low, high);
    x0 += step0 ? 16 : 0;
    x1 += step1 ? 16 : 0;
    w0 += 16;
    w1 += 16;
    y += 16;
    init += initNext;
    vectors--;
  }
}
/** Channels that all passes are made over before the next ones: what they store stays in L1. */
const CHUNK: i32 = 32;

/** Whether `passRow` can do this shape: 5 or 7 columns at stride 1, 3 or 5 at stride 2. */
export function passable(s: SpatialShape): bool {
  if (s.dilW != 1) return false;
  const pad = s.padLeft;
  if (s.strideW == 1) {
    const skip = s.kW - 1 - pad;
    return (s.kW == 5 || s.kW == 7) && skip >= 0 && skip <= s.inW && s.outW - s.inW + skip < s.kW;
  }
  // At stride 2 a padding beyond kW - 2 would complete an output with the lone even column.
  return s.strideW == 2 && (s.kW == 3 || s.kW == 5) && pad <= s.kW - 2 && s.inW >= s.kW;
}

/** One output row, for the channels [begin, end) in whole vectors. x is that of the image, y of the row. */
export function passRow(
  s: SpatialShape, x: usize, oy: i32, w: usize, bias: usize, y: usize, begin: i32, end: i32, low: f32, high: f32,
): void {
  const size = s.kW;
  const wTap = <usize>s.inC << 2;
  const pixel = <usize>s.inStride << 2;
  const yStep = <usize>s.outStride << 2;
  const rows = size == 7 ? 1 : s.strideW == 2 && size == 3 ? 3 : 2;
  const even = i32((s.padLeft & 1) == 0);
  let skip = size - 1 - s.padLeft;
  let count = min(s.outW, s.inW - skip);
  if (s.strideW == 2) {
    skip = (size - 2 - even - s.padLeft) >> 1;
    count = min(s.outW, ((s.inW - size + s.padLeft) >> 1) + 1);
  }
  const flush = s.outW - count;
  const odd = i32(flush > 0 && 2 * count + size - 2 - s.padLeft < s.inW);
  for (let c = begin; c < end; c += CHUNK) {
    const vectors = min(CHUNK, end - c) >> 2;
    const at = <usize>c << 2;
    const to = y + at;
    for (let ky = 0; ky < s.kH; ky += rows) {
      const last = ky + rows >= s.kH;
      const lowest: f32 = last ? low : -Infinity;
      const highest: f32 = last ? high : Infinity;
      const init = ky ? to : bias ? bias + at : ZEROS;
      const initStep = ky ? yStep : 0;
      // Rows of the kernel past its last one are zeros times the weights of the first.
      const iy = oy * s.strideH - s.padTop + ky * s.dilH;
      const iy1 = ky + 1 < s.kH ? iy + s.dilH : -1;
      const iy2 = ky + 2 < s.kH ? iy1 + s.dilH : -1;
      const on0 = <u32>iy < <u32>s.inH;
      const on1 = <u32>iy1 < <u32>s.inH;
      const on2 = <u32>iy2 < <u32>s.inH;
      const x0 = on0 ? x + at + <usize>(iy * s.inW) * pixel : ZEROS;
      const x1 = on1 ? x + at + <usize>(iy1 * s.inW) * pixel : ZEROS;
      const x2 = on2 ? x + at + <usize>(iy2 * s.inW) * pixel : ZEROS;
      const step0 = on0 ? pixel : 0;
      const step1 = on1 ? pixel : 0;
      const step2 = on2 ? pixel : 0;
      const w0 = w + at + <usize>(ky * size) * wTap;
      const w1 = ky + 1 < s.kH ? w0 + <usize>size * wTap : w0;
      const w2 = ky + 2 < s.kH ? w1 + <usize>size * wTap : w0;
      if (size == 7) {
        unit7x1(vectors, x0, step0, to, yStep, skip, count, flush, init, initStep, w0, wTap, lowest, highest);
      } else if (s.strideW == 1) {
        unit5x2(
          vectors, x0, x1, step0, step1, to, yStep, skip, count, flush, init, initStep,
          w0, w1, wTap, lowest, highest,
        );
      } else if (size == 3) {
        double3x3(
          vectors, x0, x1, x2, step0, step1, step2, to, yStep, even, skip, count, odd, flush, init, initStep,
          w0, w1, w2, wTap, lowest, highest,
        );
      } else {
        double5x2(
          vectors, x0, x1, step0, step1, to, yStep, even, skip, count, odd, flush, init, initStep,
          w0, w1, wTap, lowest, highest,
        );
      }
    }
  }
}
