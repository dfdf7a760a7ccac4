// Gradients of pools over channels-last images. An input pixel may lie in several windows: what is shared out are whole
// images or strips of their channels, so that its sum is always made in the order of the windows.
import { SpatialShape } from "../../shapes";
import { shareBegin, storeLanes } from "../../simd";
import { f4 } from "../math";

/** Channels of an item where there are fewer images than to share well; else an item is a whole image. */
const STRIP: i32 = 16;

// @ts-ignore: decorator
@inline
function stripOf(batch: i32, channels: i32, parts: i32): i32 {
  return batch % parts == 0 || batch >= 4 * parts ? max(channels, 1) : STRIP;
}

/** The first tap of a window beginning at `origin` that is not before the image, or `taps` if none. */
// @ts-ignore: decorator
@inline
function firstTap(origin: i32, dilation: i32, taps: i32): i32 {
  return origin >= 0 ? 0 : min((dilation - 1 - origin) / dilation, taps);
}

/** One more than the last tap that lies before `high`. */
// @ts-ignore: decorator
@inline
function endTap(origin: i32, dilation: i32, taps: i32, high: i32): i32 {
  return origin >= high ? 0 : min((high - origin + dilation - 1) / dilation, taps);
}

/** Zeros in the channels of every pixel. */
function clear(to: usize, step: usize, pixels: i32, channels: i32): void {
  const end = to + <usize>pixels * step;
  while (to < end) {
    for (let c = 0; c < channels; c += 4) storeLanes(to + (<usize>c << 2), f4(0), channels - c);
    to += step;
  }
}

/** Adds dy to the first largest of a window's taps, four channels at a time. */
function addToLargest(
  x: usize, dx: usize, rowStep: usize, tapsY: i32, tapStep: usize, tapsX: i32, dy: usize, channels: i32,
): void {
  for (let c = 0; c < channels; c += 4) {
    const offset = <usize>c << 2;
    let best = v128.load(x + offset);
    let place = i32x4.splat(0);
    let tap = 0;
    for (let ky = 0; ky < tapsY; ky++) {
      let at = x + offset + <usize>ky * rowStep;
      for (let kx = 0; kx < tapsX; kx++) {
        const value = v128.load(at);
        const more = f32x4.gt(value, best);
        best = v128.bitselect(value, best, more);
        place = v128.bitselect(i32x4.splat(tap), place, more);
        at += tapStep;
        tap++;
      }
    }
    const slope = v128.load(dy + offset);
    tap = 0;
    for (let ky = 0; ky < tapsY; ky++) {
      let to = dx + offset + <usize>ky * rowStep;
      for (let kx = 0; kx < tapsX; kx++) {
        const own = v128.and(slope, i32x4.eq(place, i32x4.splat(tap)));
        storeLanes(to, f32x4.add(v128.load(to), own), channels - c);
        to += tapStep;
        tap++;
      }
    }
  }
}

/** Adds dy * scale to all of a window's taps. */
function addToAll(
  dx: usize, rowStep: usize, tapsY: i32, tapStep: usize, tapsX: i32, dy: usize, channels: i32, scale: f32,
): void {
  for (let c = 0; c < channels; c += 4) {
    const offset = <usize>c << 2;
    const own = f32x4.mul(v128.load(dy + offset), f4(scale));
    for (let ky = 0; ky < tapsY; ky++) {
      let to = dx + offset + <usize>ky * rowStep;
      for (let kx = 0; kx < tapsX; kx++) {
        storeLanes(to, f32x4.add(v128.load(to), own), channels - c);
        to += tapStep;
      }
    }
  }
}

/** A row of 2×2 windows side by side, which write all that they see. */
function largestOfFour(x: usize, dx: usize, row: usize, pixel: usize, dy: usize, stepY: usize, count: i32, channels: i32): void {
  for (; count > 0; count--) {
    for (let c = 0; c < channels; c += 4) {
      const at = x + (<usize>c << 2);
      const to = dx + (<usize>c << 2);
      const x00 = v128.load(at);
      const x01 = v128.load(at + pixel);
      const x10 = v128.load(at + row);
      const x11 = v128.load(at + row + pixel);
      const is01 = f32x4.gt(x01, x00);
      let best = v128.bitselect(x01, x00, is01);
      const is10 = f32x4.gt(x10, best);
      best = v128.bitselect(x10, best, is10);
      const is11 = f32x4.gt(x11, best);
      const slope = v128.load(dy + (<usize>c << 2));
      const upper = v128.andnot(v128.andnot(slope, is11), is10);
      storeLanes(to, v128.andnot(upper, is01), channels - c);
      storeLanes(to + pixel, v128.and(upper, is01), channels - c);
      storeLanes(to + row, v128.and(v128.andnot(slope, is11), is10), channels - c);
      storeLanes(to + row + pixel, v128.and(slope, is11), channels - c);
    }
    x += 2 * pixel;
    dx += 2 * pixel;
    dy += stepY;
  }
}

/** One image's strip of 2×2 windows that step by 2; a last odd row and column lie in none. */
function pairs(s: SpatialShape, x: usize, dy: usize, dx: usize, channels: i32): void {
  const pixel = <usize>s.inStride << 2;
  const row = <usize>s.inW * pixel;
  const stepY = <usize>s.outStride << 2;
  for (let oy = 0; oy < s.outH; oy++) {
    largestOfFour(x, dx, row, pixel, dy, stepY, s.outW, channels);
    if (2 * s.outW < s.inW) {
      clear(dx + <usize>(2 * s.outW) * pixel, pixel, s.inW - 2 * s.outW, channels);
      clear(dx + row + <usize>(2 * s.outW) * pixel, pixel, s.inW - 2 * s.outW, channels);
    }
    x += 2 * row;
    dx += 2 * row;
    dy += <usize>s.outW * stepY;
  }
  clear(dx, pixel, (s.inH - 2 * s.outH) * s.inW, channels);
}

/**
 * One image's strip, window by window: to the largest where x is given, to all otherwise, divided as
 * `f32_average_pool` divides.
 */
function windows(
  s: SpatialShape, x: usize, dy: usize, dx: usize, channels: i32, countIncludePad: i32, padBottom: i32, padRight: i32,
): void {
  const pixel = <usize>s.inStride << 2;
  const row = <usize>s.inW * pixel;
  const rowStep = <usize>s.dilH * row;
  const tapStep = <usize>s.dilW * pixel;
  let cleared = 0;
  for (let oy = 0; oy < s.outH; oy++) {
    const top = oy * s.strideH - s.padTop;
    const bottom = oy + 1 < s.outH ? min(top + (s.kH - 1) * s.dilH + 1, s.inH) : s.inH;
    if (bottom > cleared) {
      clear(dx + <usize>cleared * row, pixel, (bottom - cleared) * s.inW, channels);
      cleared = bottom;
    }
    const ky = firstTap(top, s.dilH, s.kH);
    const tapsY = max(endTap(top, s.dilH, s.kH, s.inH) - ky, 0);
    const paddedY = endTap(top, s.dilH, s.kH, s.inH + padBottom);
    for (let ox = 0; ox < s.outW; ox++) {
      const left = ox * s.strideW - s.padLeft;
      const kx = firstTap(left, s.dilW, s.kW);
      const tapsX = max(endTap(left, s.dilW, s.kW, s.inW) - kx, 0);
      const from = <usize>(top + ky * s.dilH) * row + <usize>(left + kx * s.dilW) * pixel;
      if (tapsX * tapsY == 0) {
        // In the padding altogether.
      } else if (x) {
        addToLargest(x + from, dx + from, rowStep, tapsY, tapStep, tapsX, dy, channels);
      } else {
        const paddedX = endTap(left, s.dilW, s.kW, s.inW + padRight);
        const count = countIncludePad ? paddedY * paddedX : tapsY * tapsX;
        addToAll(dx + from, rowStep, tapsY, tapStep, tapsX, dy, channels, 1 / <f32>count);
      }
      dy += <usize>s.outStride << 2;
    }
  }
}

/** dx of a max pool's x and dy: each slope goes to the first largest element of its window. dx lies as x. */
export function f32_max_pool_gradient(shape: SpatialShape, x: usize, dy: usize, dx: usize, part: i32, parts: i32): void {
  const s = shape;
  assert(s.inC == s.outC && 0 <= part && part < parts);
  const four =
    s.kH == 2 && s.kW == 2 && s.strideH == 2 && s.strideW == 2 && (s.padTop | s.padLeft) == 0 &&
    s.dilH == 1 && s.dilW == 1 && 2 * s.outH <= s.inH && 2 * s.outW <= s.inW;
  const strip = stripOf(s.batch, s.inC, parts);
  const strips = (s.inC + strip - 1) / strip;
  const end = shareBegin(s.batch * strips, part + 1, parts);
  for (let item = shareBegin(s.batch * strips, part, parts); item < end; item++) {
    const n = item / strips;
    const channel = item % strips * strip;
    const channels = min(strip, s.inC - channel);
    const offset = <usize>(n * s.inH * s.inW * s.inStride + channel) << 2;
    const slopes = dy + (<usize>(n * s.outH * s.outW * s.outStride + channel) << 2);
    if (four) pairs(s, x + offset, slopes, dx + offset, channels);
    else windows(s, x + offset, slopes, dx + offset, channels, 0, 0, 0);
  }
}

/** dx of an average pool's dy; the arguments are those of `f32_average_pool`. */
export function f32_average_pool_gradient(
  shape: SpatialShape, dy: usize, dx: usize, countIncludePad: i32, padBottom: i32, padRight: i32, part: i32, parts: i32,
): void {
  const s = shape;
  assert(s.inC == s.outC && 0 <= part && part < parts);
  const strip = stripOf(s.batch, s.inC, parts);
  const strips = (s.inC + strip - 1) / strip;
  const end = shareBegin(s.batch * strips, part + 1, parts);
  for (let item = shareBegin(s.batch * strips, part, parts); item < end; item++) {
    const n = item / strips;
    const channel = item % strips * strip;
    const to = dx + (<usize>(n * s.inH * s.inW * s.inStride + channel) << 2);
    const slopes = dy + (<usize>(n * s.outH * s.outW * s.outStride + channel) << 2);
    windows(s, 0, slopes, to, min(strip, s.inC - channel), countIncludePad, padBottom, padRight);
  }
}
