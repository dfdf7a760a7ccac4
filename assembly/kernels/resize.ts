import { SpatialShape } from "../shapes";
import { madd, shareBegin, splatLoad, storeLanes } from "../simd";
import { f4 } from "./math";

/**
 * y[c] = Σ over taps × taps of rowWeight·colWeight·x; rows and columns each carry `taps` indices and weights.
 */
// @ts-ignore: decorator
@inline
function resize(
  taps: i32,
  shape: SpatialShape,
  x: usize,
  y: usize,
  rowIndex: usize,
  rowWeight: usize,
  colIndex: usize,
  colWeight: usize,
  part: i32,
  parts: i32,
): void {
  const s = shape;
  assert(s.inC <= s.inStride && s.inC <= s.outStride && 0 <= part && part < parts);
  const inPixel = <usize>s.inStride << 2;
  const inRow = <usize>s.inW * inPixel;
  const outPixel = <usize>s.outStride << 2;
  const outH = s.outH;
  const end = shareBegin(s.batch * outH, part + 1, parts);
  for (let r = shareBegin(s.batch * outH, part, parts); r < end; r++) {
    const image = r / outH;
    const source = x + <usize>image * s.inH * inRow;
    const rowEntry = <usize>((r - image * outH) * taps) << 2;
    let target = y + <usize>r * s.outW * outPixel;
    let colEntry: usize = 0;
    for (let col = 0; col < s.outW; col++) {
      const rows = rowIndex + rowEntry;
      const cols = colIndex + colEntry;
      if (taps == 1) copyPixel(source + entry(rows, 0, inRow) + entry(cols, 0, inPixel), target, s.inC);
      else if (taps == 2) {
        const row0 = source + entry(rows, 0, inRow);
        const row1 = source + entry(rows, 1, inRow);
        const left = entry(cols, 0, inPixel);
        const right = entry(cols, 1, inPixel);
        linearPixel(
          row0 + left,
          row0 + right,
          row1 + left,
          row1 + right,
          rowWeight + rowEntry,
          colWeight + colEntry,
          target,
          s.inC,
        );
      } else {
        const weights = rowWeight + rowEntry;
        cubicPixel(source, rows, inRow, cols, inPixel, weights, colWeight + colEntry, target, s.inC);
      }
      target += outPixel;
      colEntry += <usize>taps << 2;
    }
  }
}

/** The byte offset that entry k of an index table stands for. */
// @ts-ignore: decorator
@inline
function entry(table: usize, k: usize, step: usize): usize {
  return <usize>i32.load(table + (k << 2)) * step;
}

function copyPixel(x: usize, y: usize, channels: i32): void {
  for (; channels > 0; channels -= 4) {
    storeLanes(y, v128.load(x), channels);
    x += 16;
    y += 16;
  }
}

function linearPixel(
  x00: usize,
  x01: usize,
  x10: usize,
  x11: usize,
  rowWeight: usize,
  colWeight: usize,
  y: usize,
  channels: i32,
): void {
  const top = splatLoad(rowWeight);
  const bottom = splatLoad(rowWeight + 4);
  const left = splatLoad(colWeight);
  const right = splatLoad(colWeight + 4);
  for (let c: usize = 0; channels > 0; channels -= 4) {
    const row0 = madd(f32x4.mul(v128.load(x00 + c), left), v128.load(x01 + c), right);
    const row1 = madd(f32x4.mul(v128.load(x10 + c), left), v128.load(x11 + c), right);
    storeLanes(y + c, madd(f32x4.mul(row0, top), row1, bottom), channels);
    c += 16;
  }
}

function cubicPixel(
  x: usize,
  rows: usize,
  inRow: usize,
  cols: usize,
  inPixel: usize,
  rowWeight: usize,
  colWeight: usize,
  y: usize,
  channels: i32,
): void {
  const col0 = entry(cols, 0, inPixel);
  const col1 = entry(cols, 1, inPixel);
  const col2 = entry(cols, 2, inPixel);
  const col3 = entry(cols, 3, inPixel);
  const w0 = splatLoad(colWeight);
  const w1 = splatLoad(colWeight + 4);
  const w2 = splatLoad(colWeight + 8);
  const w3 = splatLoad(colWeight + 12);
  for (; channels > 0; channels -= 4) {
    let acc = f4(0);
    for (let k: usize = 0; k < 4; k++) {
      const row = x + entry(rows, k, inRow);
      let sum = f32x4.mul(v128.load(row + col0), w0);
      sum = madd(sum, v128.load(row + col1), w1);
      sum = madd(sum, v128.load(row + col2), w2);
      sum = madd(sum, v128.load(row + col3), w3);
      acc = madd(acc, sum, splatLoad(rowWeight + (k << 2)));
    }
    storeLanes(y, acc, channels);
    x += 16;
    y += 16;
  }
}

/** Channels-last. `rowIndex[outH]` and `colIndex[outW]` name the source row and column. */
export function f32_resize_nearest(
  shape: SpatialShape,
  x: usize,
  y: usize,
  rowIndex: usize,
  colIndex: usize,
  part: i32,
  parts: i32,
): void {
  resize(1, shape, x, y, rowIndex, 0, colIndex, 0, part, parts);
}

/** Channels-last. Tables of two i32 indices and two f32 weights for each output row and column. */
export function f32_resize_linear(
  shape: SpatialShape,
  x: usize,
  y: usize,
  rowIndex: usize,
  rowWeight: usize,
  colIndex: usize,
  colWeight: usize,
  part: i32,
  parts: i32,
): void {
  resize(2, shape, x, y, rowIndex, rowWeight, colIndex, colWeight, part, parts);
}

/** Channels-last. Tables of four i32 indices and four f32 weights for each output row and column. */
export function f32_resize_cubic(
  shape: SpatialShape,
  x: usize,
  y: usize,
  rowIndex: usize,
  rowWeight: usize,
  colIndex: usize,
  colWeight: usize,
  part: i32,
  parts: i32,
): void {
  resize(4, shape, x, y, rowIndex, rowWeight, colIndex, colWeight, part, parts);
}
