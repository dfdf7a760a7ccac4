// The receptive fields of consecutive output pixels as rows [kH][kW][inC], zeros where the kernel is off the image.
import { SpatialShape } from "../shapes";

/** Copies whole vectors until `end` is reached: up to 12 bytes more are read and written. */
// @ts-ignore: decorator
@inline
function copy(from: usize, to: usize, end: usize): void {
  while (to < end) {
    v128.store(to, v128.load(from));
    from += 16;
    to += 16;
  }
}

/** Zeros like `copy`. */
// @ts-ignore: decorator
@inline
function clear(to: usize, end: usize): void {
  while (to < end) {
    v128.store(to, f32x4.splat(0));
    to += 16;
  }
}

/** One row of the kernel's taps when they are neighbours in memory: taps [first, last) are on the image. */
function copyRun(from: usize, to: usize, first: usize, last: usize, all: usize): void {
  clear(to, to + first);
  copy(from + first, to + first, to + last);
  clear(to + last, to + all);
}

/** One row of the kernel's taps, `step` bytes apart, of `tap` bytes each. */
function copyTaps(
  from: usize, step: usize, to: usize, tap: usize, count: i32, ix: i32, dilW: i32, inW: i32,
): void {
  for (let i = 0; i < count; i++) {
    if (<u32>ix < <u32>inW) copy(from, to, to + tap);
    else clear(to, to + tap);
    from += step;
    to += tap;
    ix += dilW;
  }
}

/**
 * `count` pixels that see no left or right border: kH runs each, in steps of 32 bytes, of which those in [first, last)
 * are on the image. `from` is the first pixel's run `first`.
 */
// @ts-ignore: decorator
@inline
function copySpan(
  from: usize,
  next: usize,
  rowBytes: usize,
  first: i32,
  last: i32,
  kH: i32,
  to: usize,
  runBytes: usize,
  count: i32,
): void {
  const before = <usize>first * runBytes;
  const after = <usize>(kH - last) * runBytes;
  while (count > 0) {
    clear(to, to + before);
    to += before;
    let source = from;
    for (let ky = first; ky < last; ky++) {
      let at = source;
      const end = to + runBytes;
      while (to < end) {
        v128.store(to, v128.load(at));
        v128.store(to, v128.load(at, 16), 16);
        at += 32;
        to += 32;
      }
      to = end;
      source += rowBytes;
    }
    clear(to, to + after);
    to += after;
    from += next;
    count--;
  }
}

/**
 * Fills `rows` rows at `to` for the output pixels from `pixel` on (counted through the batch). `x` is that of the
 * group's first channel, `inC` the group's channels. Runs are written in order, so that each one's overshoot is
 * overwritten by the next; the last needs 28 bytes of slack.
 */
export function gatherRows(s: SpatialShape, x: usize, inC: i32, pixel: i32, rows: i32, to: usize): void {
  const pixelBytes = <usize>s.inStride << 2;
  const tapBytes = <usize>inC << 2;
  const runBytes = tapBytes * s.kW;
  const dense = s.dilW == 1 && inC == s.inStride;
  const plane = s.outH * s.outW;
  let n = pixel / plane;
  let oy = pixel % plane / s.outW;
  let ox = pixel % s.outW;
  // Output columns [spanBegin, spanEnd) see no left or right border.
  const spanBegin = (s.padLeft + s.strideW - 1) / s.strideW;
  const spanEnd = dense && s.inW + s.padLeft >= s.kW ? min(s.outW, (s.inW + s.padLeft - s.kW) / s.strideW + 1) : 0;
  while (rows > 0) {
    const ix = ox * s.strideW - s.padLeft;
    let iy = oy * s.strideH - s.padTop;
    let count = 1;
    if (ox >= spanBegin && ox < spanEnd) {
      count = min(rows, spanEnd - ox);
      const first = min((max(-iy, 0) + s.dilH - 1) / s.dilH, s.kH);
      const last = max(min((max(s.inH - iy, 0) + s.dilH - 1) / s.dilH, s.kH), first);
      const from = x + <usize>((n * s.inH + iy + first * s.dilH) * s.inW + ix) * pixelBytes;
      const rowBytes = <usize>(s.dilH * s.inW) * pixelBytes;
      copySpan(from, pixelBytes * s.strideW, rowBytes, first, last, s.kH, to, runBytes, count);
      to += <usize>(count * s.kH) * runBytes;
    } else {
      const first = <usize>min(max(-ix, 0), s.kW) * tapBytes;
      const last = max(<usize>min(max(s.inW - ix, 0), s.kW) * tapBytes, first);
      for (let ky = 0; ky < s.kH; ky++) {
        if (<u32>iy >= <u32>s.inH) {
          clear(to, to + runBytes);
        } else {
          const from = x + <usize>((n * s.inH + iy) * s.inW + ix) * pixelBytes;
          if (dense) copyRun(from, to, first, last, runBytes);
          else copyTaps(from, pixelBytes * s.dilW, to, tapBytes, s.kW, ix, s.dilW, s.inW);
        }
        to += runBytes;
        iy += s.dilH;
      }
    }
    rows -= count;
    ox += count;
    if (ox == s.outW) {
      ox = 0;
      if (++oy == s.outH) {
        oy = 0;
        n++;
      }
    }
  }
}
