// Depthwise convolution by taps: a few neighbouring pixels by a few vectors of channels are held in registers while
// the kernel's taps that are on the image pass by. Any kernel, stride, dilation and padding.
import { SpatialShape } from "../shapes";
import { clamp, madd, storeLanes } from "../simd";
import { ZEROS } from "./dwconv_sweep";

/**
 * `taps` taps in rows of `row`: after each, x moves on by xTap and w by wTap; at a row's end by xJump and wJump as well.
 * Pixels are xNext and yNext bytes apart. `pixels` and `vectors` are literals (4 and 2, 1 and 4, 1 and 1); with one
 * vector only `lanes` lanes are stored.
 */
// @ts-ignore: decorator
@inline
function tile(
  pixels: i32, vectors: i32, lanes: i32, x: usize, xNext: usize, xTap: usize, xJump: usize, taps: i32, row: i32,
  w: usize, wTap: usize, wJump: usize, bias: usize, residual: usize, residualNext: usize, y: usize, yNext: usize,
  low: f32, high: f32,
): void {
  let acc0x0 = v128.load(bias);
  let acc0x1 = vectors > 1 ? v128.load(bias, 16) : f32x4.splat(0);
  let acc0x2 = vectors > 2 ? v128.load(bias, 32) : f32x4.splat(0);
  let acc0x3 = vectors > 2 ? v128.load(bias, 48) : f32x4.splat(0);
  let acc1x0 = acc0x0;
  let acc1x1 = acc0x1;
  let acc2x0 = acc0x0;
  let acc2x1 = acc0x1;
  let acc3x0 = acc0x0;
  let acc3x1 = acc0x1;
  if (residual) {
    acc0x0 = f32x4.add(acc0x0, v128.load(residual));
    if (vectors > 1) acc0x1 = f32x4.add(acc0x1, v128.load(residual, 16));
    if (vectors > 2) acc0x2 = f32x4.add(acc0x2, v128.load(residual, 32));
    if (vectors > 2) acc0x3 = f32x4.add(acc0x3, v128.load(residual, 48));
    if (pixels > 1) acc1x0 = f32x4.add(acc1x0, v128.load(residual + residualNext));
    if (pixels > 1 && vectors > 1) acc1x1 = f32x4.add(acc1x1, v128.load(residual + residualNext, 16));
    if (pixels > 1) acc2x0 = f32x4.add(acc2x0, v128.load(residual + 2 * residualNext));
    if (pixels > 1 && vectors > 1) acc2x1 = f32x4.add(acc2x1, v128.load(residual + 2 * residualNext, 16));
    if (pixels > 1) acc3x0 = f32x4.add(acc3x0, v128.load(residual + 3 * residualNext));
    if (pixels > 1 && vectors > 1) acc3x1 = f32x4.add(acc3x1, v128.load(residual + 3 * residualNext, 16));
  }
  let x0 = x;
  let x1 = x0 + xNext;
  let x2 = x1 + xNext;
  let x3 = x2 + xNext;
  let left = row;
  while (taps > 0) {
    if (vectors > 2) acc0x2 = madd(acc0x2, v128.load(x0, 32), v128.load(w, 32));
    if (vectors > 2) acc0x3 = madd(acc0x3, v128.load(x0, 48), v128.load(w, 48));
    const w0 = v128.load(w);
    acc0x0 = madd(acc0x0, v128.load(x0), w0);
    if (pixels > 1) {
      acc1x0 = madd(acc1x0, v128.load(x1), w0);
      acc2x0 = madd(acc2x0, v128.load(x2), w0);
      acc3x0 = madd(acc3x0, v128.load(x3), w0);
    }
    if (vectors > 1) {
      const w1 = v128.load(w, 16);
      acc0x1 = madd(acc0x1, v128.load(x0, 16), w1);
      if (pixels > 1) {
        acc1x1 = madd(acc1x1, v128.load(x1, 16), w1);
        acc2x1 = madd(acc2x1, v128.load(x2, 16), w1);
        acc3x1 = madd(acc3x1, v128.load(x3, 16), w1);
      }
    }
    x0 += xTap;
    if (pixels > 1) {
      x1 += xTap;
      x2 += xTap;
      x3 += xTap;
    }
    w += wTap;
    taps--;
    if (--left == 0) {
      left = row;
      x0 += xJump;
      if (pixels > 1) {
        x1 += xJump;
        x2 += xJump;
        x3 += xJump;
      }
      w += wJump;
    }
  }
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  if (vectors == 1) {
    storeLanes(y, clamp(acc0x0, lows, highs), lanes);
    return;
  }
  if (pixels > 1) {
    const y1 = y + yNext;
    const y2 = y1 + yNext;
    const y3 = y2 + yNext;
    v128.store(y3, clamp(acc3x1, lows, highs), 16);
    v128.store(y2, clamp(acc2x1, lows, highs), 16);
    v128.store(y1, clamp(acc1x1, lows, highs), 16);
    v128.store(y, clamp(acc0x1, lows, highs), 16);
    v128.store(y3, clamp(acc3x0, lows, highs));
    v128.store(y2, clamp(acc2x0, lows, highs));
    v128.store(y1, clamp(acc1x0, lows, highs));
    v128.store(y, clamp(acc0x0, lows, highs));
    return;
  }
  v128.store(y, clamp(acc0x1, lows, highs), 16);
  v128.store(y, clamp(acc0x0, lows, highs));
  v128.store(y, clamp(acc0x3, lows, highs), 48);
  v128.store(y, clamp(acc0x2, lows, highs), 32);
}

function taps4x8(
  x: usize, xNext: usize, xTap: usize, xJump: usize, taps: i32, row: i32, w: usize, wTap: usize, wJump: usize,
  bias: usize, residual: usize, residualNext: usize, y: usize, yNext: usize, low: f32, high: f32,
): void {
  tile(4, 2, 4, x, xNext, xTap, xJump, taps, row, w, wTap, wJump, bias, residual, residualNext, y, yNext, low, high);
}

function taps1x16(
  x: usize, xTap: usize, xJump: usize, taps: i32, row: i32, w: usize, wTap: usize, wJump: usize,
  bias: usize, residual: usize, y: usize, low: f32, high: f32,
): void {
  tile(1, 4, 4, x, 0, xTap, xJump, taps, row, w, wTap, wJump, bias, residual, 0, y, 0, low, high);
}

function taps1x4(
  lanes: i32, x: usize, xTap: usize, xJump: usize, taps: i32, row: i32, w: usize, wTap: usize, wJump: usize,
  bias: usize, residual: usize, y: usize, low: f32, high: f32,
): void {
  tile(1, 1, lanes, x, 0, xTap, xJump, taps, row, w, wTap, wJump, bias, residual, 0, y, 0, low, high);
}

/** Taps of a kernel of `size` at `start` (may be off the image) that come before it, and those that come before its end. */
// @ts-ignore: decorator
@inline
export function tapsBefore(start: i32, dilation: i32, size: i32, bound: i32): i32 {
  return start >= bound ? 0 : min(size, (bound - start + dilation - 1) / dilation);
}

/** One output row, for the channels [begin, end). x, w, bias, residual and y are those of channel 0 and, y, of the row. */
export function tapsRow(
  s: SpatialShape, x: usize, oy: i32, w: usize, bias: usize, residual: usize, residualNext: usize, y: usize,
  begin: i32, end: i32, low: f32, high: f32,
): void {
  const pixel = <usize>s.inStride << 2;
  const yNext = <usize>s.outStride << 2;
  const wTap = <usize>s.inC << 2;
  const xTap = pixel * s.dilW;
  const xNext = pixel * s.strideW;
  const iy = oy * s.strideH - s.padTop;
  const ky = tapsBefore(iy, s.dilH, s.kH, 0);
  const rows = max(0, tapsBefore(iy, s.dilH, s.kH, s.inH) - ky);
  x += <usize>((iy + ky * s.dilH) * s.inW) * pixel;
  w += <usize>(ky * s.kW) * wTap;
  for (let ox = 0; ox < s.outW; ) {
    const ix = ox * s.strideW - s.padLeft;
    const kx = tapsBefore(ix, s.dilW, s.kW, 0);
    const cols = max(0, tapsBefore(ix, s.dilW, s.kW, s.inW) - kx);
    const lastX = ix + 3 * s.strideW + (s.kW - 1) * s.dilW;
    const pixels = ix >= 0 && lastX < s.inW && ox + 4 <= s.outW ? 4 : 1;
    const taps = rows * cols;
    const xJump = (<usize>(s.dilH * s.inW)) * pixel - xTap * cols;
    const wJump = <usize>(s.kW - cols) * wTap;
    const from = x + <usize>(ix + kx * s.dilW) * pixel;
    const weights = w + <usize>kx * wTap;
    let c = begin;
    while (c < end) {
      const at = <usize>c << 2;
      const biasAt = bias ? bias + at : ZEROS;
      const residualAt = residual ? residual + at : 0;
      if (pixels == 4 && c + 8 <= end) {
        taps4x8(
          from + at, xNext, xTap, xJump, taps, cols, weights + at, wTap, wJump, biasAt, residualAt, residualNext,
          y + at, yNext, low, high,
        );
        c += 8;
      } else if (c + 16 <= end && pixels == 1) {
        taps1x16(from + at, xTap, xJump, taps, cols, weights + at, wTap, wJump, biasAt, residualAt, y + at, low, high);
        c += 16;
      } else {
        for (let i = 0; i < pixels; i++) {
          taps1x4(
            end - c, from + at + <usize>i * xNext, xTap, xJump, taps, cols, weights + at, wTap, wJump, biasAt,
            residual ? residualAt + <usize>i * residualNext : 0, y + at + <usize>i * yNext, low, high,
          );
        }
        c += 4;
      }
    }
    ox += pixels;
    y += <usize>pixels * yNext;
    if (residual) residual += <usize>pixels * residualNext;
  }
}
