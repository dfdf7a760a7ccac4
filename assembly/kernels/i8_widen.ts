// 8-bit activations as int16 less their zero point: runs, and the receptive fields of output pixels (the int8 twin of
// conv_gather.ts). A run is written in steps of 8, up to 14 bytes too far: runs are written in order, so the next one
// overwrites that, and the last one needs 16 bytes behind it.
import { SpatialShape } from "../shapes";

/** Zero point of 8-bit values at an address; 0 where it is absent. */
export function zeroPointAt(pointer: usize, signed: i32): i32 {
  if (!pointer) return 0;
  return signed ? <i32>load<i8>(pointer) : <i32>load<u8>(pointer);
}

/** Eight numbers less their zero point. */
// @ts-ignore: decorator
@inline
export function widened(signed: bool, from: usize, zeros: v128): v128 {
  return i16x8.sub(signed ? v128.load8x8_s(from) : v128.load8x8_u(from), zeros);
}

// @ts-ignore: decorator
@inline
function widenRun(signed: bool, from: usize, to: usize, end: usize, zero: i32): void {
  const zeros = i16x8.splat(<i16>zero);
  while (to < end) {
    v128.store(to, widened(signed, from, zeros));
    from += 8;
    to += 16;
  }
}

/** int16s from 8-bit values until `end` is reached. */
// @ts-ignore: decorator
@inline
function widen(signed: i32, from: usize, to: usize, end: usize, zero: i32): void {
  if (signed) widenRun(true, from, to, end, zero);
  else widenRun(false, from, to, end, zero);
}

/** Rows of `count` values, `step` bytes apart, to rows of `ldTo` bytes. */
export function widenRows(
  signed: i32, from: usize, step: usize, rows: i32, count: i32, to: usize, ldTo: usize, zero: i32,
): void {
  if (step == <usize>count && ldTo == <usize>count << 1) {
    widen(signed, from, to, to + <usize>rows * ldTo, zero);
    return;
  }
  while (rows > 0) {
    widen(signed, from, to, to + (<usize>count << 1), zero);
    from += step;
    to += ldTo;
    rows--;
  }
}

// @ts-ignore: decorator
@inline
function clear(to: usize, end: usize): void {
  while (to < end) {
    v128.store(to, i16x8.splat(0));
    to += 16;
  }
}

/**
 * Rows [kH][kW][inC] of int16, `rowBytes` apart, for `rows` output pixels from `pixel` on (counted through the batch);
 * zeros where the kernel is off the image. `x` is that of the group's first channel, `inC` the group's channels.
 */
export function widenFields(
  s: SpatialShape, signed: i32, zero: i32, x: usize, inC: i32, pixel: i32, rows: i32, to: usize, rowBytes: usize,
): void {
  const pixelBytes = <usize>s.inStride;
  const tapBytes = <usize>inC << 1;
  const runBytes = tapBytes * s.kW;
  const dense = s.dilW == 1 && inC == s.inStride;
  const plane = s.outH * s.outW;
  let n = pixel / plane;
  let oy = pixel % plane / s.outW;
  let ox = pixel % s.outW;
  while (rows > 0) {
    const ix = ox * s.strideW - s.padLeft;
    let iy = oy * s.strideH - s.padTop;
    const first = dense ? <usize>min(max(-ix, 0), s.kW) : 0;
    const last = dense ? max(<usize>min(max(s.inW - ix, 0), s.kW), first) : 0;
    let at = to;
    for (let ky = 0; ky < s.kH; ky++) {
      const end = at + runBytes;
      if (<u32>iy >= <u32>s.inH) {
        clear(at, end);
      } else {
        const from = x + <usize>((n * s.inH + iy) * s.inW + ix) * pixelBytes;
        if (dense) {
          if (first) clear(at, at + first * tapBytes);
          widen(signed, from + first * pixelBytes, at + first * tapBytes, at + last * tapBytes, zero);
          if (last < <usize>s.kW) clear(at + last * tapBytes, end);
        } else {
          widenTaps(signed, from, pixelBytes * s.dilW, at, tapBytes, s.kW, ix, s.dilW, s.inW, zero);
        }
      }
      at = end;
      iy += s.dilH;
    }
    to += rowBytes;
    rows--;
    if (++ox == s.outW) {
      ox = 0;
      if (++oy == s.outH) {
        oy = 0;
        n++;
      }
    }
  }
}

/** One row of the kernel's taps, `step` bytes apart. */
function widenTaps(
  signed: i32, from: usize, step: usize, to: usize, tap: usize, count: i32, ix: i32, dilW: i32, inW: i32, zero: i32,
): void {
  for (let i = 0; i < count; i++) {
    if (<u32>ix < <u32>inW) widen(signed, from, to, to + tap, zero);
    else clear(to, to + tap);
    from += step;
    to += tap;
    ix += dilW;
  }
}
