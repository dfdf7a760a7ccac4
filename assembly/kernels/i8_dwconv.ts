// Depthwise convolution of 8-bit numbers. Input rows are widened once to int16, neighbouring columns interleaved, into a
// ring of rows that stays in cache; eight channels together:
//
//   ring row   [channels/8][column][c0: x, x'] [c1: x, x'] ... [c7: x, x']     x' is the column dilW further right
//   weights    [channels/8][kH][ceil(kW/2)][2][c: w(kx), w(kx + 1)] x 4
//
// so that a dot product adds two taps to four channels. At stride 2 only every other column is kept.
import { Sum } from "../codes";
import { SpatialShape } from "../shapes";
import { shareBegin } from "../simd";
import { finishSums } from "./i8_finish";
import { widened, zeroPointAt } from "./i8_widen";

/** Rows that a part needs at least before rows are what is shared out; below, channels are. */
const SHARE_ROWS: i32 = 4;
/** The bias where there is none. */
const NO_BIAS: usize = memory.data(32, 16);

// @ts-ignore: decorator
@inline
function storePairs(to: usize, a: v128, b: v128): void {
  v128.store(to, i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23));
  v128.store(to, i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31), 16);
}

/**
 * Pairs of neighbours, each column loaded once: `outside` pairs before the image, `count` whose second column is on it,
 * `behind` whose second is not; `inside` says whether the first pair's first column is on it.
 */
// @ts-ignore: decorator
@inline
function pairNeighbours(
  signed: bool, from: usize, pixel: usize, outside: i32, inside: bool, count: i32, behind: i32, to: usize, zero: i32,
): void {
  const zeros = i16x8.splat(<i16>zero);
  const nothing = i16x8.splat(0);
  for (; outside > 0; outside--) {
    storePairs(to, nothing, nothing);
    to += 32;
  }
  let last = nothing;
  if (inside) {
    last = widened(signed, from, zeros);
    from += pixel;
  }
  const end = to + (<usize>count << 5);
  while (to < end) {
    const next = widened(signed, from, zeros);
    storePairs(to, last, next);
    last = next;
    from += pixel;
    to += 32;
  }
  for (; behind > 0; behind--) {
    storePairs(to, last, nothing);
    last = nothing;
    to += 32;
  }
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
// @ts-ignore: decorator
@inline
function columnAt(signed: i32, row: usize, ix: i32, inW: i32, pixel: usize, zero: i32): v128 {
  if (<u32>ix >= <u32>inW) return i16x8.splat(0);
  const zeros = i16x8.splat(<i16>zero);
  const at = row + <usize>ix * pixel;
  return signed ? widened(true, at, zeros) : widened(false, at, zeros);
}

/** One input row, eight channels: `columns` pairs whose first is column `ix` (at most 0), `step` columns apart. */
function pairRow(
  signed: i32, row: usize, ix: i32, step: i32, gap: i32, inW: i32, pixel: usize, columns: i32, to: usize, zero: i32,
): void {
  if (step == 1 && gap == 1) {
    const outside = min(columns, max(-1 - ix, 0));
    const count = min(columns - outside, ix < 0 ? inW : inW - 1);
    const behind = columns - outside - count;
    if (signed) pairNeighbours(true, row, pixel, outside, ix == 0, count, behind, to, zero);
    else pairNeighbours(false, row, pixel, outside, ix == 0, count, behind, to, zero);
    return;
  }
  const first = min(columns, (-ix + step - 1) / step);
  const from = row + <usize>(ix + first * step) * pixel;
  const count = max(min(columns - first, (inW - gap - ix - first * step + step - 1) / step), 0);
  if (signed) pairInt8(from, pixel * step, pixel * gap, count, to + (<usize>first << 5), zero);
  else pairUint8(from, pixel * step, pixel * gap, count, to + (<usize>first << 5), zero);
  for (let i = 0; i < columns; i++) {
    if (i == first) i += count;
    if (i >= columns) break;
    const x = ix + i * step;
    const a = columnAt(signed, row, x, inW, pixel, zero);
    storePairs(to + (<usize>i << 5), a, columnAt(signed, row, x + gap, inW, pixel, zero));
  }
}

// @ts-ignore: decorator
@inline
function dot(a: v128, w: v128): v128 {
  return i32x4.dot_i16x8_s(a, w);
}

/** 3x3 at stride 1, four of the eight channels: two output rows from four ring rows, to upper[count][8] and lower. */
function sumTwo3x3(
  r0: usize, r1: usize, r2: usize, r3: usize, w: usize, bias: usize, count: i32, upper: usize, lower: usize,
): void {
  const start = v128.load(bias);
  const w00 = v128.load(w);
  const w01 = v128.load(w, 32);
  const w10 = v128.load(w, 64);
  const w11 = v128.load(w, 96);
  const w20 = v128.load(w, 128);
  const w21 = v128.load(w, 160);
  const end = upper + (<usize>count << 5);
  while (upper < end) {
    let sum = i32x4.add(start, dot(v128.load(r0), w00));
    sum = i32x4.add(sum, dot(v128.load(r0, 64), w01));
    const x1 = v128.load(r1);
    const y1 = v128.load(r1, 64);
    sum = i32x4.add(sum, dot(x1, w10));
    sum = i32x4.add(sum, dot(y1, w11));
    const x2 = v128.load(r2);
    const y2 = v128.load(r2, 64);
    sum = i32x4.add(sum, dot(x2, w20));
    sum = i32x4.add(sum, dot(y2, w21));
    v128.store(upper, sum);
    sum = i32x4.add(start, dot(x1, w00));
    sum = i32x4.add(sum, dot(y1, w01));
    sum = i32x4.add(sum, dot(x2, w10));
    sum = i32x4.add(sum, dot(y2, w11));
    sum = i32x4.add(sum, dot(v128.load(r3), w20));
    sum = i32x4.add(sum, dot(v128.load(r3, 64), w21));
    v128.store(lower, sum);
    r0 += 32;
    r1 += 32;
    r2 += 32;
    r3 += 32;
    upper += 32;
    lower += 32;
  }
}

/** 3x3 at stride 2, four of the eight channels: one output row; a pair is the end of one output and the start of the next. */
function sumHalved3x3(r0: usize, r1: usize, r2: usize, w: usize, bias: usize, count: i32, sums: usize): void {
  const start = v128.load(bias);
  const w00 = v128.load(w);
  const w01 = v128.load(w, 32);
  const w10 = v128.load(w, 64);
  const w11 = v128.load(w, 96);
  const w20 = v128.load(w, 128);
  const w21 = v128.load(w, 160);
  let begun = i32x4.add(i32x4.add(start, dot(v128.load(r0), w00)), dot(v128.load(r1), w10));
  begun = i32x4.add(begun, dot(v128.load(r2), w20));
  const end = sums + (<usize>count << 5);
  while (sums < end) {
    const x0 = v128.load(r0, 32);
    const x1 = v128.load(r1, 32);
    const x2 = v128.load(r2, 32);
    v128.store(sums, i32x4.add(i32x4.add(begun, dot(x0, w01)), i32x4.add(dot(x1, w11), dot(x2, w21))));
    begun = i32x4.add(i32x4.add(start, dot(x0, w00)), i32x4.add(dot(x1, w10), dot(x2, w20)));
    r0 += 32;
    r1 += 32;
    r2 += 32;
    sums += 32;
  }
}

/** Adds one row of `pairs` tap pairs to sums[count][8], four of the channels. */
// @ts-ignore: decorator
@inline
function addRow(row: usize, step: usize, tap: usize, pairs: i32, w: usize, count: i32, sums: usize): void {
  for (let i = 0; i < pairs; i++) {
    const weights = v128.load(w);
    const end = sums + (<usize>count << 5);
    let from = row;
    for (let to = sums; to < end; to += 32) {
      v128.store(to, i32x4.add(v128.load(to), dot(v128.load(from), weights)));
      from += step;
    }
    row += tap;
    w += 32;
  }
}

/** Scratch of `i8_dwconv` for each part: the ring of rows with one of zeros, and the sums of two output rows. */
// @ts-ignore: decorator
@inline
export function i8DepthwiseScratchBytes(shape: SpatialShape): usize {
  const groups = (shape.inC + 7) >> 3;
  const span = (shape.kH - 1) * shape.dilH + 1;
  const room = shape.outW * shape.strideW + 2 * shape.kW * shape.dilW;
  return (<usize>(span + 1) * groups + 1) * (<usize>room << 5) + (<usize>shape.outW << 6) + 64;
}

/** As `i8_conv`, with group == inC == outC; `w` is [ceil(C/8)][kH][ceil(kW/2)][8][2]. */
export function i8_dwconv(
  shape: SpatialShape, x: usize, xSigned: i32, xZero: usize, w: usize, bias: usize, scale: usize, multiplier: usize,
  shift: usize, y: usize, kind: Sum, yZero: i32, low: f32, high: f32, scratch: usize, part: i32, parts: i32,
): void {
  const s = shape;
  assert(s.inC == s.outC && s.group == s.inC && part >= 0 && part < parts);
  const groups = (s.inC + 7) >> 3;
  const is3x3 = s.kH == 3 && s.kW == 3 && (s.dilH | s.dilW) == 1;
  const doubled = is3x3 && (s.strideH | s.strideW) == 1;
  const most = doubled ? 2 : 1; // output rows at a time
  const blocks = (s.outH + most - 1) / most;
  let first = 0;
  let last = s.batch * blocks;
  let begin = 0;
  let end = groups;
  if (last >= parts * SHARE_ROWS || last >= groups) {
    first = shareBegin(s.batch * blocks, part, parts);
    last = shareBegin(s.batch * blocks, part + 1, parts);
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
  const slots = span + most - 1;
  const groupBytes = <usize>columns << 5;
  const ringBytes = groupBytes * (end - begin);
  const zeroRow = scratch + <usize>part * i8DepthwiseScratchBytes(s);
  const sums = zeroRow + groupBytes;
  const lower = sums + (<usize>s.outW << 5);
  const ring = lower + (<usize>s.outW << 5);
  memory.fill(zeroRow, 0, groupBytes);

  const zero = zeroPointAt(xZero, xSigned);
  const factor: f32 = multiplier ? load<f32>(multiplier) : 1;
  const size: i32 = kind <= Sum.float32 ? 2 : 0;
  const pixel = <usize>s.inStride;
  const ldy = <usize>s.outStride << size;
  const wRow = <usize>pairs << 5;
  const wGroup = <usize>s.kH * wRow;
  let ready = 0; // input rows of this image before this one are in the ring
  for (let i = first; i < last; i++) {
    const n = i / blocks;
    const oy = i % blocks * most;
    const rows = min(most, s.outH - oy);
    const iy = oy * s.strideH - s.padTop;
    if (i == first || oy == 0) ready = 0;
    const bottom = min(iy + slots, s.inH);
    for (let r = max(max(iy, 0), ready); r < bottom; r++) {
      const row = x + <usize>((n * s.inH + r) * s.inW) * pixel;
      const slot = ring + <usize>(r % slots) * ringBytes;
      for (let g = begin; g < end; g++) {
        const to = slot + <usize>(g - begin) * groupBytes;
        pairRow(xSigned, row + (<usize>g << 3), -s.padLeft, every, s.dilW, s.inW, pixel, columns, to, zero);
      }
    }
    ready = max(ready, bottom);
    for (let g = begin; g < end; g++) {
      const at = <usize>g << 5;
      const inGroup = ring + <usize>(g - begin) * groupBytes;
      const weights = w + <usize>g * wGroup;
      const start = bias ? bias + at : NO_BIAS;
      if (is3x3 && (doubled || halved)) {
        const r0 = rowAt(s, iy, slots, inGroup, ringBytes, zeroRow);
        const r1 = rowAt(s, iy + 1, slots, inGroup, ringBytes, zeroRow);
        const r2 = rowAt(s, iy + 2, slots, inGroup, ringBytes, zeroRow);
        if (doubled) {
          const r3 = rowAt(s, iy + 3, slots, inGroup, ringBytes, zeroRow);
          sumTwo3x3(r0, r1, r2, r3, weights, start, s.outW, sums, lower);
          sumTwo3x3(r0 + 16, r1 + 16, r2 + 16, r3 + 16, weights + 16, start + 16, s.outW, sums + 16, lower + 16);
        } else {
          sumHalved3x3(r0, r1, r2, weights, start, s.outW, sums);
          sumHalved3x3(r0 + 16, r1 + 16, r2 + 16, weights + 16, start + 16, s.outW, sums + 16);
        }
      } else {
        for (let to = sums; to < lower; to += 32) {
          v128.store(to, v128.load(start));
          v128.store(to, v128.load(start, 16), 16);
        }
        for (let ky = 0; ky < s.kH; ky++) {
          const row = rowAt(s, iy + ky * s.dilH, slots, inGroup, ringBytes, zeroRow);
          if (row == zeroRow) continue;
          addRow(row, step, tap, pairs, weights + <usize>ky * wRow, s.outW, sums);
          addRow(row + 16, step, tap, pairs, weights + <usize>ky * wRow + 16, s.outW, sums + 16);
        }
      }
      finishSums(
        kind, rows * s.outW, min(8, s.inC - (g << 3)), sums, scale + at, factor, shift ? shift + at : 0, yZero, low, high,
        y + <usize>((n * s.outH + oy) * s.outW) * ldy + (<usize>(g << 3) << size), ldy,
      );
    }
  }
}

/** The ring's row of input row iy, or zeros off the image. */
// @ts-ignore: decorator
@inline
function rowAt(s: SpatialShape, iy: i32, slots: i32, inGroup: usize, ringBytes: usize, zeroRow: usize): usize {
  return <u32>iy < <u32>s.inH ? inGroup + <usize>(iy % slots) * ringBytes : zeroRow;
}
