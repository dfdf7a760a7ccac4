// Depthwise convolution of 8-bit numbers. Input rows are widened once to int16, neighbouring columns interleaved, into a
// ring of rows that stays in cache; eight channels together:
//
//   ring row   [channels/8][column][c0: x, x'] [c1: x, x'] ... [c7: x, x']     x' is the column dilW further right
//   weights    [channels/8][kH][ceil(kW/2)][2][c: w(kx), w(kx + 1)] x 4
//
// so that a dot product adds two taps to four channels. At stride 2 only every other column is kept.
//
// Scratch, in bytes for each part, with span = (kH-1)*dilH + 1, C8 = channels rounded up to a multiple of 8:
//   I8_DWCONV_SCRATCH = (span*C8/8 + 1)*columns*32 + outW*32 + 64, columns = outW*strideW + 2*kW*dilW
import { SpatialShape } from "../shapes";
import { shareBegin } from "../simd";
import { finishSums } from "./i8_finish";
import { widened, zeroPointAt } from "./i8_widen";

/** Rows that a part needs at least before rows are what is shared out; below, channels are. */
const SHARE_ROWS: i32 = 4;

// @ts-ignore: decorator
@inline
function storePairs(to: usize, a: v128, b: v128): void {
  v128.store(to, i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23));
  v128.store(to, i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31), 16);
}

/** Pairs from columns on the image: `count` of them, `step` bytes from one first column to the next, `gap` to the second. */
// @ts-ignore: decorator
@inline
function pairRun(signed: bool, from: usize, step: usize, gap: usize, count: i32, to: usize, zeros: v128): void {
  const end = to + (<usize>count << 5);
  while (to < end) {
    storePairs(to, widened(signed, from, zeros), widened(signed, from + gap, zeros));
    from += step;
    to += 32;
  }
}

function pairInt8(from: usize, step: usize, gap: usize, count: i32, to: usize, zero: i32): void {
  pairRun(true, from, step, gap, count, to, i16x8.splat(<i16>zero));
}

function pairUint8(from: usize, step: usize, gap: usize, count: i32, to: usize, zero: i32): void {
  pairRun(false, from, step, gap, count, to, i16x8.splat(<i16>zero));
}

/** One column, or zeros off the image. */
function columnAt(signed: i32, row: usize, ix: i32, inW: i32, pixel: usize, zero: i32): v128 {
  if (<u32>ix >= <u32>inW) return i16x8.splat(0);
  const zeros = i16x8.splat(<i16>zero);
  const at = row + <usize>ix * pixel;
  return signed ? widened(true, at, zeros) : widened(false, at, zeros);
}

/** One input row, eight channels: `columns` pairs whose first is column `ix`, `step` columns apart. */
function pairRow(
  signed: i32, row: usize, ix: i32, step: i32, gap: i32, inW: i32, pixel: usize, columns: i32, to: usize, zero: i32,
): void {
  let left = columns;
  while (left > 0 && ix < 0) {
    storePairs(to, columnAt(signed, row, ix, inW, pixel, zero), columnAt(signed, row, ix + gap, inW, pixel, zero));
    ix += step;
    to += 32;
    left--;
  }
  const count = min(left, inW - gap > ix ? (inW - gap - ix + step - 1) / step : 0);
  if (count > 0) {
    const from = row + <usize>ix * pixel;
    if (signed) pairInt8(from, pixel * step, pixel * gap, count, to, zero);
    else pairUint8(from, pixel * step, pixel * gap, count, to, zero);
    ix += count * step;
    to += <usize>count << 5;
    left -= count;
  }
  while (left > 0) {
    storePairs(to, columnAt(signed, row, ix, inW, pixel, zero), columnAt(signed, row, ix + gap, inW, pixel, zero));
    ix += step;
    to += 32;
    left--;
  }
}

// @ts-ignore: decorator
@inline
function addDot(acc: v128, pointer: usize, w: v128): v128 {
  return i32x4.add(acc, i32x4.dot_i16x8_s(v128.load(pointer), w));
}

/** sums[count][8], four of the eight channels, of 3x3 taps; `step` is 32 bytes an output, `tap` leads to column 2. */
// @ts-ignore: decorator
@inline
function sum3x3(
  r0: usize, r1: usize, r2: usize, step: usize, tap: usize, w: usize, start: v128, count: i32, sums: usize,
): void {
  const w00 = v128.load(w);
  const w01 = v128.load(w, 32);
  const w10 = v128.load(w, 64);
  const w11 = v128.load(w, 96);
  const w20 = v128.load(w, 128);
  const w21 = v128.load(w, 160);
  const end = sums + (<usize>count << 5);
  while (sums < end) {
    const top = addDot(addDot(start, r0, w00), r0 + tap, w01);
    const middle = i32x4.add(i32x4.dot_i16x8_s(v128.load(r1), w10), i32x4.dot_i16x8_s(v128.load(r1 + tap), w11));
    const bottom = i32x4.add(i32x4.dot_i16x8_s(v128.load(r2), w20), i32x4.dot_i16x8_s(v128.load(r2 + tap), w21));
    v128.store(sums, i32x4.add(top, i32x4.add(middle, bottom)));
    r0 += step;
    r1 += step;
    r2 += step;
    sums += 32;
  }
}

function sum3x3Tap64(
  r0: usize, r1: usize, r2: usize, step: usize, w: usize, start: v128, count: i32, sums: usize,
): void {
  sum3x3(r0, r1, r2, step, 64, w, start, count, sums);
}

function sum3x3Tap32(
  r0: usize, r1: usize, r2: usize, step: usize, w: usize, start: v128, count: i32, sums: usize,
): void {
  sum3x3(r0, r1, r2, step, 32, w, start, count, sums);
}

/** Adds one row of `pairs` tap pairs to sums[count][8], four of the channels. */
function addRow(row: usize, step: usize, tap: usize, pairs: i32, w: usize, count: i32, sums: usize): void {
  for (let i = 0; i < pairs; i++) {
    const weights = v128.load(w);
    const end = sums + (<usize>count << 5);
    let from = row;
    for (let to = sums; to < end; to += 32) {
      v128.store(to, addDot(v128.load(to), from, weights));
      from += step;
    }
    row += tap;
    w += 32;
  }
}

export function i8_dwconv(
  shape: usize, x: usize, xSigned: i32, xZero: usize, w: usize, bias: usize, scale: usize, multiplier: usize, shift: usize,
  y: usize, kind: i32, yZero: i32, low: f32, high: f32, scratch: usize, part: i32, parts: i32,
): void {
  const s = changetype<SpatialShape>(shape);
  assert(s.inC == s.outC && s.group == s.inC && part >= 0 && part < parts);
  const groups = (s.inC + 7) >> 3;
  let first = 0;
  let last = s.batch * s.outH;
  let begin = 0;
  let end = groups;
  if (last >= parts * SHARE_ROWS || last >= groups) {
    first = shareBegin(s.batch * s.outH, part, parts);
    last = shareBegin(s.batch * s.outH, part + 1, parts);
  } else {
    begin = shareBegin(groups, part, parts);
    end = shareBegin(groups, part + 1, parts);
  }
  if (end <= begin || last <= first) return;

  const halved = s.strideW == 2 && s.dilW == 1;
  const every = halved ? 2 : 1;
  const pairs = (s.kW + 1) >> 1;
  const step = <usize>(s.strideW / every) << 5;
  const tap = <usize>(2 * s.dilW / every) << 5;
  const columns = (s.outW - 1) * (s.strideW / every) + (pairs - 1) * (2 * s.dilW / every) + 1;
  const span = (s.kH - 1) * s.dilH + 1;
  const groupBytes = <usize>columns << 5;
  const ringBytes = groupBytes * (end - begin);
  const room = s.outW * s.strideW + 2 * s.kW * s.dilW;
  const own = (<usize>span * groups + 1) * (<usize>room << 5) + (<usize>s.outW << 5) + 64;
  const zeroRow = scratch + <usize>part * own;
  const sums = zeroRow + groupBytes;
  const ring = sums + (<usize>s.outW << 5);
  memory.fill(zeroRow, 0, groupBytes);

  const zero = zeroPointAt(xZero, xSigned);
  const factor: f32 = multiplier ? load<f32>(multiplier) : 1;
  const size: i32 = kind <= 1 ? 2 : 0;
  const pixel = <usize>s.inStride;
  const ldy = <usize>s.outStride << size;
  const wRow = <usize>pairs << 5;
  const wGroup = <usize>s.kH * wRow;
  const is3x3 = s.kH == 3 && s.kW == 3 && tap == (halved ? 32 : 64);
  let ready = 0; // input rows of this image before this one are in the ring
  for (let i = first; i < last; i++) {
    const n = i / s.outH;
    const oy = i % s.outH;
    const iy = oy * s.strideH - s.padTop;
    if (i == first || oy == 0) ready = 0;
    const bottom = min(iy + span, s.inH);
    for (let r = max(max(iy, 0), ready); r < bottom; r++) {
      const row = x + <usize>((n * s.inH + r) * s.inW) * pixel;
      const slot = ring + <usize>(r % span) * ringBytes;
      for (let g = begin; g < end; g++) {
        const to = slot + <usize>(g - begin) * groupBytes;
        pairRow(xSigned, row + (<usize>g << 3), -s.padLeft, every, s.dilW, s.inW, pixel, columns, to, zero);
      }
    }
    ready = max(ready, bottom);
    for (let g = begin; g < end; g++) {
      const at = <usize>g << 5;
      const inGroup = <usize>(g - begin) * groupBytes;
      const weights = w + <usize>g * wGroup;
      const start0 = bias ? v128.load(bias + at) : i32x4.splat(0);
      const start1 = bias ? v128.load(bias + at, 16) : i32x4.splat(0);
      if (is3x3) {
        const r0 = rowAt(s, iy, span, ring, ringBytes, inGroup, zeroRow);
        const r1 = rowAt(s, iy + s.dilH, span, ring, ringBytes, inGroup, zeroRow);
        const r2 = rowAt(s, iy + 2 * s.dilH, span, ring, ringBytes, inGroup, zeroRow);
        if (halved) {
          sum3x3Tap32(r0, r1, r2, step, weights, start0, s.outW, sums);
          sum3x3Tap32(r0 + 16, r1 + 16, r2 + 16, step, weights + 16, start1, s.outW, sums + 16);
        } else {
          sum3x3Tap64(r0, r1, r2, step, weights, start0, s.outW, sums);
          sum3x3Tap64(r0 + 16, r1 + 16, r2 + 16, step, weights + 16, start1, s.outW, sums + 16);
        }
      } else {
        for (let to = sums; to < ring; to += 32) {
          v128.store(to, start0);
          v128.store(to, start1, 16);
        }
        for (let ky = 0; ky < s.kH; ky++) {
          const row = rowAt(s, iy + ky * s.dilH, span, ring, ringBytes, inGroup, zeroRow);
          if (row == zeroRow) continue;
          addRow(row, step, tap, pairs, weights + <usize>ky * wRow, s.outW, sums);
          addRow(row + 16, step, tap, pairs, weights + <usize>ky * wRow + 16, s.outW, sums + 16);
        }
      }
      finishSums(
        kind, s.outW, min(8, s.inC - (g << 3)), sums, scale + at, factor, shift ? shift + at : 0, yZero, low, high,
        y + <usize>i * s.outW * ldy + (<usize>(g << 3) << size), ldy,
      );
    }
  }
}

/** The ring's row of input row iy, or zeros off the image. */
// @ts-ignore: decorator
@inline
function rowAt(s: SpatialShape, iy: i32, span: i32, ring: usize, ringBytes: usize, inGroup: usize, zeroRow: usize): usize {
  return <u32>iy < <u32>s.inH ? ring + <usize>(iy % span) * ringBytes + inGroup : zeroRow;
}
