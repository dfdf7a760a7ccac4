// 8-bit activations as int16 less their zero point: runs, and the receptive fields of output pixels (the int8 twin of
// conv_gather.ts). A run is written in steps of 8, up to 14 bytes too far: runs are written in order, so the next one
// overwrites that, and the last one needs room behind it: 64 bytes, because tiles are written 80 bytes at a time.
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

function widenInt8(from: usize, to: usize, end: usize, zero: i32): void {
  widenRun(true, from, to, end, zero);
}

function widenUint8(from: usize, to: usize, end: usize, zero: i32): void {
  widenRun(false, from, to, end, zero);
}

/** int16s from 8-bit values until `end` is reached. */
// @ts-ignore: decorator
@inline
function widen(signed: i32, from: usize, to: usize, end: usize, zero: i32): void {
  if (signed) widenInt8(from, to, end, zero);
  else widenUint8(from, to, end, zero);
}

/** Pairs of rows 0 to 3 as four vectors of one pair each, and of row 4 behind each: see i8_tile.ts. */
// @ts-ignore: decorator
@inline
function storeFive(to: usize, r0: v128, r1: v128, r2: v128, r3: v128, r4: v128): void {
  const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const low23 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const high23 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(low01, low23, 0, 2));
  v128.store32_lane(to, r4, 0, 16);
  v128.store(to, i64x2.shuffle(low01, low23, 1, 3), 20);
  v128.store32_lane(to, r4, 1, 36);
  v128.store(to, i64x2.shuffle(high01, high23, 0, 2), 40);
  v128.store32_lane(to, r4, 2, 56);
  v128.store(to, i64x2.shuffle(high01, high23, 1, 3), 60);
  v128.store32_lane(to, r4, 3, 76);
}

// @ts-ignore: decorator
@inline
function widenFive(
  signed: bool, r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, to: usize, end: usize, zero: i32,
): void {
  const zeros = i16x8.splat(<i16>zero);
  while (to < end) {
    storeFive(
      to, widened(signed, r0, zeros), widened(signed, r1, zeros), widened(signed, r2, zeros), widened(signed, r3, zeros),
      widened(signed, r4, zeros),
    );
    r0 += 8;
    r1 += 8;
    r2 += 8;
    r3 += 8;
    r4 += 8;
    to += 80;
  }
}

function fiveInt8(r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, to: usize, end: usize, zero: i32): void {
  widenFive(true, r0, r1, r2, r3, r4, to, end, zero);
}

function fiveUint8(r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, to: usize, end: usize, zero: i32): void {
  widenFive(false, r0, r1, r2, r3, r4, to, end, zero);
}

/** Five rows of int16, `rowBytes` (a multiple of 4) apart, interleaved. */
function interleaveFive(from: usize, rowBytes: usize, to: usize, end: usize): void {
  const r1 = rowBytes;
  const r2 = r1 + rowBytes;
  const r3 = r2 + rowBytes;
  const r4 = r3 + rowBytes;
  while (to < end) {
    storeFive(to, v128.load(from), v128.load(from + r1), v128.load(from + r2), v128.load(from + r3), v128.load(from + r4));
    from += 16;
    to += 80;
  }
}

/**
 * Pixels [pixel, pixel + rows), `step` bytes apart, of `count` channels as tiles of five interleaved rows of `rowBytes`;
 * rows missing in the last tile are copies. One row alone stays dense.
 */
export function widenRows(
  signed: i32, from: usize, step: usize, rows: i32, count: i32, to: usize, rowBytes: usize, zero: i32,
): void {
  if (rows == 1) {
    widen(signed, from, to, to + (<usize>count << 1), zero);
    return;
  }
  while (rows > 0) {
    const r1 = from + (rows > 1 ? step : 0);
    const r2 = r1 + (rows > 2 ? step : 0);
    const r3 = r2 + (rows > 3 ? step : 0);
    const r4 = r3 + (rows > 4 ? step : 0);
    const end = to + 5 * rowBytes;
    if (signed) fiveInt8(from, r1, r2, r3, r4, to, end, zero);
    else fiveUint8(from, r1, r2, r3, r4, to, end, zero);
    from = r4 + step;
    to = end;
    rows -= 5;
  }
}

function clear(to: usize, end: usize): void {
  while (to < end) {
    v128.store(to, i16x8.splat(0));
    to += 16;
  }
}

/**
 * The receptive fields [kH][kW][inC] of `rows` output pixels from `pixel` on, as `widenRows` lays them; `five` is room for
 * five rows and 16 bytes.
 */
export function widenFields(
  s: SpatialShape, signed: i32, zero: i32, x: usize, inC: i32, pixel: i32, rows: i32, to: usize, rowBytes: usize, five: usize,
): void {
  if (rows == 1) {
    gatherRows(s, signed, zero, x, inC, pixel, 1, to, rowBytes);
    return;
  }
  while (rows > 0) {
    const end = to + 5 * rowBytes;
    gatherRows(s, signed, zero, x, inC, pixel, min(rows, 5), five, rowBytes);
    interleaveFive(five, rowBytes, to, end);
    to = end;
    pixel += 5;
    rows -= 5;
  }
}

/**
 * Rows [kH][kW][inC] of int16, `rowBytes` apart, for `rows` output pixels from `pixel` on (counted through the batch);
 * zeros where the kernel is off the image. `x` is that of the group's first channel, `inC` the group's channels.
 */
function gatherRows(
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
