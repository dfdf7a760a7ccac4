import { SpatialShape } from "../shapes";
import { shareBegin, storeLanes } from "../simd";
import { f4 } from "./math";
import { power } from "./power";

const enum Pool {
  max, // of what holds no NaN
  maxOrNaN, // slower
  sum, // to be divided
  lp,
}

const STRIP = 16; // channels with accumulators of their own in one walk of the window

// @ts-ignore: decorator
@inline
function isMax(kind: Pool): bool {
  return kind == Pool.max || kind == Pool.maxOrNaN;
}

// @ts-ignore: decorator
@inline
function accumulate(kind: Pool, acc: v128, v: v128, p: f32): v128 {
  if (kind == Pool.max) return f32x4.pmax(acc, v);
  // What is NaN stays so; of a NaN that comes, pmax alone would keep nothing.
  if (kind == Pool.maxOrNaN) return v128.or(f32x4.pmax(acc, v), f32x4.ne(v, v));
  if (kind == Pool.lp) return f32x4.add(acc, powers(f32x4.abs(v), p));
  return f32x4.add(acc, v);
}

// A row of the window is summed on its own before it joins the total, so that the error of a global pool grows with its
// side, not with its area; a maximum needs no such care.

// @ts-ignore: decorator
@inline
function begin(kind: Pool, total: v128): v128 {
  return isMax(kind) ? total : f4(0);
}

// @ts-ignore: decorator
@inline
function join(kind: Pool, total: v128, row: v128): v128 {
  return isMax(kind) ? row : f32x4.add(total, row);
}

// @ts-ignore: decorator
@inline
function finish(kind: Pool, total: v128, parameter: f32): v128 {
  if (kind == Pool.sum) return f32x4.div(total, f4(parameter));
  if (kind == Pool.lp) return powers(total, 1 / parameter);
  return total;
}

/** v^p of four lanes, v >= 0. */
function powers(v: v128, p: f32): v128 {
  if (p == 1) return v;
  if (p == 2) return f32x4.mul(v, v);
  if (p == 0.5) return f32x4.sqrt(v);
  let y = f4(power(f32x4.extract_lane(v, 0), p));
  y = f32x4.replace_lane(y, 1, power(f32x4.extract_lane(v, 1), p));
  y = f32x4.replace_lane(y, 2, power(f32x4.extract_lane(v, 2), p));
  return f32x4.replace_lane(y, 3, power(f32x4.extract_lane(v, 3), p));
}

/** One output pixel: the window's tapsY × tapsX pixels from x on. */
// @ts-ignore: decorator
@inline
function pixel(
  kind: Pool,
  x: usize,
  rowStep: usize,
  tapsY: i32,
  tapStep: usize,
  tapsX: i32,
  y: usize,
  channels: i32,
  parameter: f32,
): void {
  const start = f4(isMax(kind) ? -Infinity : 0);
  for (; kind != Pool.maxOrNaN && channels >= STRIP; channels -= STRIP) {
    let total0x0123 = start;
    let total0x4567 = start;
    let total0x89AB = start;
    let total0xCDEF = start;
    let row = x;
    for (let ky = 0; ky < tapsY; ky++) {
      let acc0x0123 = begin(kind, total0x0123);
      let acc0x4567 = begin(kind, total0x4567);
      let acc0x89AB = begin(kind, total0x89AB);
      let acc0xCDEF = begin(kind, total0xCDEF);
      let tap = row;
      for (let kx = 0; kx < tapsX; kx++) {
        acc0x0123 = accumulate(kind, acc0x0123, v128.load(tap), parameter);
        acc0x4567 = accumulate(kind, acc0x4567, v128.load(tap, 16), parameter);
        acc0x89AB = accumulate(kind, acc0x89AB, v128.load(tap, 32), parameter);
        acc0xCDEF = accumulate(kind, acc0xCDEF, v128.load(tap, 48), parameter);
        tap += tapStep;
      }
      total0x0123 = join(kind, total0x0123, acc0x0123);
      total0x4567 = join(kind, total0x4567, acc0x4567);
      total0x89AB = join(kind, total0x89AB, acc0x89AB);
      total0xCDEF = join(kind, total0xCDEF, acc0xCDEF);
      row += rowStep;
    }
    v128.store(y, finish(kind, total0x0123, parameter));
    v128.store(y, finish(kind, total0x4567, parameter), 16);
    v128.store(y, finish(kind, total0x89AB, parameter), 32);
    v128.store(y, finish(kind, total0xCDEF, parameter), 48);
    x += STRIP * 4;
    y += STRIP * 4;
  }
  for (; channels > 0; channels -= 4) {
    let total = start;
    let row = x;
    for (let ky = 0; ky < tapsY; ky++) {
      let acc = begin(kind, total);
      let tap = row;
      for (let kx = 0; kx < tapsX; kx++) {
        acc = accumulate(kind, acc, v128.load(tap), parameter);
        tap += tapStep;
      }
      total = join(kind, total, acc);
      row += rowStep;
    }
    storeLanes(y, finish(kind, total, parameter), channels);
    x += 16;
    y += 16;
  }
}

function maxPixel(
  x: usize,
  rowStep: usize,
  tapsY: i32,
  tapStep: usize,
  tapsX: i32,
  y: usize,
  channels: i32,
): void {
  pixel(Pool.max, x, rowStep, tapsY, tapStep, tapsX, y, channels, 0);
}

function maxOrNaNPixel(
  x: usize,
  rowStep: usize,
  tapsY: i32,
  tapStep: usize,
  tapsX: i32,
  y: usize,
  channels: i32,
): void {
  pixel(Pool.maxOrNaN, x, rowStep, tapsY, tapStep, tapsX, y, channels, 0);
}

function averagePixel(
  x: usize,
  rowStep: usize,
  tapsY: i32,
  tapStep: usize,
  tapsX: i32,
  y: usize,
  channels: i32,
  divisor: f32,
): void {
  pixel(Pool.sum, x, rowStep, tapsY, tapStep, tapsX, y, channels, divisor);
}

function lpPixel(
  x: usize,
  rowStep: usize,
  tapsY: i32,
  tapStep: usize,
  tapsX: i32,
  y: usize,
  channels: i32,
  p: f32,
): void {
  pixel(Pool.lp, x, rowStep, tapsY, tapStep, tapsX, y, channels, p);
}

/** NaN where one of `count` numbers is, or where infinities of both signs are. */
function doubt(x: usize, count: i32): f32 {
  let sum0x0123 = f4(0);
  let sum0x4567 = f4(0);
  let sum0x89AB = f4(0);
  let sum0xCDEF = f4(0);
  for (; count >= STRIP; count -= STRIP) {
    sum0x0123 = f32x4.add(sum0x0123, v128.load(x));
    sum0x4567 = f32x4.add(sum0x4567, v128.load(x, 16));
    sum0x89AB = f32x4.add(sum0x89AB, v128.load(x, 32));
    sum0xCDEF = f32x4.add(sum0xCDEF, v128.load(x, 48));
    x += STRIP * 4;
  }
  const sum = f32x4.add(f32x4.add(sum0x0123, sum0x4567), f32x4.add(sum0x89AB, sum0xCDEF));
  let doubt: f32 = v128.any_true(f32x4.ne(sum, sum)) ? NaN : 0;
  for (; count > 0; count--) {
    doubt += load<f32>(x);
    x += 4;
  }
  return doubt;
}

/** Whether the pixels of a row may hold a NaN. */
function doubtful(x: usize, pixels: i32, pixelStep: usize, channels: i32): bool {
  if (<usize>channels << 2 == pixelStep) return isNaN(doubt(x, pixels * channels));
  let sum: f32 = 0;
  for (; pixels > 0; pixels--) {
    sum += doubt(x, channels);
    x += pixelStep;
  }
  return isNaN(sum);
}

/** The first tap of a window beginning at `origin` that is not before `low`, or `taps` if none. */
// @ts-ignore: decorator
@inline
function firstTap(origin: i32, dilation: i32, taps: i32, low: i32): i32 {
  return origin >= low ? 0 : min((low - origin + dilation - 1) / dilation, taps);
}

/** One more than the last tap that lies before `high`. */
// @ts-ignore: decorator
@inline
function endTap(origin: i32, dilation: i32, taps: i32, high: i32): i32 {
  return origin >= high ? 0 : min((high - origin + dilation - 1) / dilation, taps);
}

/**
 * Every output pixel of the share, its window clipped to the image. Shares are rows of the output; where
 * there are fewer rows than parts (global pools), ranges of channels.
 */
// @ts-ignore: decorator
@inline
function pool(
  kind: Pool,
  shape: SpatialShape,
  x: usize,
  y: usize,
  countIncludePad: i32,
  padBottom: i32,
  padRight: i32,
  p: f32,
  part: i32,
  parts: i32,
): void {
  const s = shape;
  assert(s.inC == s.outC && s.inC <= s.inStride && s.outC <= s.outStride && 0 <= part && part < parts);
  const inPixel = <usize>s.inStride << 2;
  const inRow = <usize>s.inW * inPixel;
  const outPixel = <usize>s.outStride << 2;
  const rows = s.batch * s.outH;
  let channels = s.inC;
  if (rows < parts) {
    const strips = (channels + STRIP - 1) / STRIP;
    const begin = shareBegin(strips, part, parts) * STRIP;
    channels = min(shareBegin(strips, part + 1, parts) * STRIP, channels) - begin;
    x += <usize>begin << 2;
    y += <usize>begin << 2;
    part = 0;
    parts = 1;
  }
  const rowStep = <usize>s.dilH * inRow;
  const tapStep = <usize>s.dilW * inPixel;
  const end = shareBegin(rows, part + 1, parts);
  // pmax loses NaN and takes a third of the time of max: rows of the input are looked through once, before their use.
  let next = 0;
  let lastDoubtful = -1;
  for (let r = shareBegin(rows, part, parts); r < end; r++) {
    const image = r / s.outH;
    const top = (r - image * s.outH) * s.strideH - s.padTop;
    const ky = firstTap(top, s.dilH, s.kH, 0);
    const tapsY = max(endTap(top, s.dilH, s.kH, s.inH) - ky, 0);
    const paddedY = endTap(top, s.dilH, s.kH, s.inH + padBottom);
    const topRow = image * s.inH + top + ky * s.dilH;
    const source = x + <usize>topRow * inRow;
    let target = y + <usize>r * s.outW * outPixel;
    if (kind == Pool.max) {
      const below = topRow + (tapsY - 1) * s.dilH + 1;
      for (next = max(next, topRow); next < below; next++) {
        if (doubtful(x + <usize>next * inRow, s.inW, inPixel, channels)) lastDoubtful = next;
      }
    }
    for (let col = 0; col < s.outW; col++) {
      const left = col * s.strideW - s.padLeft;
      const kx = firstTap(left, s.dilW, s.kW, 0);
      const tapsX = max(endTap(left, s.dilW, s.kW, s.inW) - kx, 0);
      const from = source + <usize>(left + kx * s.dilW) * inPixel;
      if (kind == Pool.max) {
        if (lastDoubtful < topRow) maxPixel(from, rowStep, tapsY, tapStep, tapsX, target, channels);
        else maxOrNaNPixel(from, rowStep, tapsY, tapStep, tapsX, target, channels);
      } else if (kind == Pool.lp) lpPixel(from, rowStep, tapsY, tapStep, tapsX, target, channels, p);
      else {
        const paddedX = endTap(left, s.dilW, s.kW, s.inW + padRight);
        // A dilated window can lie in the padding altogether: its mean is 0.
        const count = countIncludePad ? paddedY * paddedX : max(1, tapsY * tapsX);
        averagePixel(from, rowStep, tapsY, tapStep, tapsX, target, channels, <f32>count);
      }
      target += outPixel;
    }
  }
}

/** Padding never wins; a window of padding alone gives -∞, one with a NaN in it NaN. */
export function f32_max_pool(shape: SpatialShape, x: usize, y: usize, part: i32, parts: i32): void {
  pool(Pool.max, shape, x, y, 0, 0, 0, 0, part, parts);
}

/** Divides by the taps inside the image or, with countIncludePad, inside the padded image. */
export function f32_average_pool(
  shape: SpatialShape,
  x: usize,
  y: usize,
  countIncludePad: i32,
  padBottom: i32,
  padRight: i32,
  part: i32,
  parts: i32,
): void {
  pool(Pool.sum, shape, x, y, countIncludePad, padBottom, padRight, 0, part, parts);
}

/** (Σ|x|^p)^(1/p) over each window. */
export function f32_lp_pool(shape: SpatialShape, x: usize, y: usize, p: i32, part: i32, parts: i32): void {
  assert(p > 0);
  pool(Pool.lp, shape, x, y, 0, 0, 0, <f32>p, part, parts);
}
