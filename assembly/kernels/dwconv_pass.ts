// Depthwise convolution along an output row, a few rows of the kernel that are on the image at a time: the first pass
// adds `init` = bias (initStep 0) to its outputs, the next ones what the last one stored.
//
// `skip` columns (at stride 2, pairs of them) come before the first output is complete; then `count` outputs are stored
// as their last column passes; `flush` outputs follow whose last columns are off the image.
import { SpatialShape } from "../shapes";
import { pass3x2s2, pass3x3s2, pass5x1s2, pass5x2s2 } from "./dwconv_double";
import { ZEROS } from "./dwconv_sweep";
import { tapsBefore, tapsRow } from "./dwconv_taps";
import { pass5x1, pass5x2, pass7x1 } from "./dwconv_unit";

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

/** Rows of the kernel in the next pass, of `left`. */
// @ts-ignore: decorator
@inline
function passRows(size: i32, left: i32): i32 {
  if (size == 7) return 1;
  return size == 3 && left != 4 ? min(3, left) : min(2, left);
}

/** One output row, for the channels [begin, end) in whole vectors. x is that of the image, y of the row. */
export function passRow(
  s: SpatialShape, x: usize, oy: i32, w: usize, bias: usize, y: usize, begin: i32, end: i32, low: f32, high: f32,
): void {
  const size = s.kW;
  const wTap = <usize>s.inC << 2;
  const pixel = <usize>s.inStride << 2;
  const yStep = <usize>s.outStride << 2;
  const xRow = <usize>(s.dilH * s.inW) * pixel;
  const even = i32((s.padLeft & 1) == 0);
  let skip = size - 1 - s.padLeft;
  let count = min(s.outW, s.inW - skip);
  if (s.strideW == 2) {
    skip = (size - 2 - even - s.padLeft) >> 1;
    count = min(s.outW, ((s.inW - size + s.padLeft) >> 1) + 1);
  }
  const flush = s.outW - count;
  const odd = i32(flush > 0 && 2 * count + size - 2 - s.padLeft < s.inW);
  const iy = oy * s.strideH - s.padTop;
  const firstRow = tapsBefore(iy, s.dilH, s.kH, 0);
  const lastRow = tapsBefore(iy, s.dilH, s.kH, s.inH);
  // No pass is one row of three columns, or none.
  if (lastRow - firstRow < (size == 3 ? 2 : 1)) {
    tapsRow(s, x, oy, w, bias, 0, 0, y, begin, end, low, high);
    return;
  }
  for (let c = begin; c < end; c += CHUNK) {
    const vectors = min(CHUNK, end - c) >> 2;
    const at = <usize>c << 2;
    const to = y + at;
    let rows = 0;
    for (let ky = firstRow; ky < lastRow; ky += rows) {
      rows = passRows(size, lastRow - ky);
      const last = ky + rows >= lastRow;
      const lowest: f32 = last ? low : -Infinity;
      const highest: f32 = last ? high : Infinity;
      const first = ky == firstRow;
      const init = !first ? to : bias ? bias + at : ZEROS;
      const initStep = first ? 0 : yStep;
      const from = x + at + <usize>((iy + ky * s.dilH) * s.inW) * pixel;
      const taps = w + at + <usize>(ky * size) * wTap;
      if (s.strideW == 1) {
        if (size == 7) pass7x1(vectors, from, xRow, pixel, to, yStep, skip, count, flush, init, initStep, taps, wTap, lowest, highest);
        else if (rows == 2) pass5x2(vectors, from, xRow, pixel, to, yStep, skip, count, flush, init, initStep, taps, wTap, lowest, highest);
        else pass5x1(vectors, from, xRow, pixel, to, yStep, skip, count, flush, init, initStep, taps, wTap, lowest, highest);
      } else if (size == 3) {
        if (rows == 3) pass3x3s2(vectors, from, xRow, pixel, to, yStep, even, skip, count, odd, flush, init, initStep, taps, wTap, lowest, highest);
        else pass3x2s2(vectors, from, xRow, pixel, to, yStep, even, skip, count, odd, flush, init, initStep, taps, wTap, lowest, highest);
      } else if (rows == 2) {
        pass5x2s2(vectors, from, xRow, pixel, to, yStep, even, skip, count, odd, flush, init, initStep, taps, wTap, lowest, highest);
      } else {
        pass5x1s2(vectors, from, xRow, pixel, to, yStep, even, skip, count, odd, flush, init, initStep, taps, wTap, lowest, highest);
      }
    }
  }
}
