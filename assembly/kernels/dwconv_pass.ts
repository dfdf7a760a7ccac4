// Depthwise convolution along an output row, a few rows of the kernel at a time: the first pass adds `init` = bias
// (initStep 0) to its outputs, the next ones what the last one stored. Kernel rows off the image are zeros with step 0.
//
// `skip` columns (at stride 2, pairs of them) come before the first output is complete; then `count` outputs are stored
// as their last column passes; `flush` outputs follow whose last columns are off the image.
import { SpatialShape } from "../shapes";
import { pass3x3s2, pass5x2s2 } from "./dwconv_double";
import { ZEROS } from "./dwconv_sweep";
import { pass5x2, pass7x1 } from "./dwconv_unit";

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

/** One output row, for the channels [begin, end) in whole vectors. x is that of the image, y of the row. */
export function passRow(
  s: SpatialShape,
  x: usize,
  oy: i32,
  w: usize,
  bias: usize,
  y: usize,
  begin: i32,
  end: i32,
  low: f32,
  high: f32,
): void {
  const size = s.kW;
  const wTap = (<usize>s.inC) << 2;
  const pixel = (<usize>s.inStride) << 2;
  const yStep = (<usize>s.outStride) << 2;
  const rows = size == 7 ? 1 : s.strideW == 2 && size == 3 ? 3 : 2;
  const even = i32((s.padLeft & 1) == 0);
  let skip = size - 1 - s.padLeft;
  let count = min(s.outW, s.inW - skip);
  if (s.strideW == 2) {
    skip = (size - 2 - even - s.padLeft) >> 1;
    count = min(s.outW, ((s.inW - size + s.padLeft) >> 1) + 1);
  }
  const flush = s.outW - count;
  const odd = i32(flush > 0 && 2 * count + size - 2 - s.padLeft < s.inW);
  for (let c = begin; c < end; c += CHUNK) {
    const vectors = min(CHUNK, end - c) >> 2;
    const at = (<usize>c) << 2;
    const to = y + at;
    for (let ky = 0; ky < s.kH; ky += rows) {
      const last = ky + rows >= s.kH;
      const lowest: f32 = last ? low : -Infinity;
      const highest: f32 = last ? high : Infinity;
      const init = ky ? to : bias ? bias + at : ZEROS;
      const initStep = ky ? yStep : 0;
      // Rows of the kernel past its last one are zeros times the weights of the first.
      const iy = oy * s.strideH - s.padTop + ky * s.dilH;
      const iy1 = ky + 1 < s.kH ? iy + s.dilH : -1;
      const iy2 = ky + 2 < s.kH ? iy1 + s.dilH : -1;
      const on0 = <u32>iy < <u32>s.inH;
      const on1 = <u32>iy1 < <u32>s.inH;
      const on2 = <u32>iy2 < <u32>s.inH;
      const x0 = on0 ? x + at + <usize>(iy * s.inW) * pixel : ZEROS;
      const x1 = on1 ? x + at + <usize>(iy1 * s.inW) * pixel : ZEROS;
      const x2 = on2 ? x + at + <usize>(iy2 * s.inW) * pixel : ZEROS;
      const step0 = on0 ? pixel : 0;
      const step1 = on1 ? pixel : 0;
      const step2 = on2 ? pixel : 0;
      const w0 = w + at + <usize>(ky * size) * wTap;
      const w1 = ky + 1 < s.kH ? w0 + <usize>size * wTap : w0;
      const w2 = ky + 2 < s.kH ? w1 + <usize>size * wTap : w0;
      if (size == 7) {
        pass7x1(vectors, x0, step0, to, yStep, skip, count, flush, init, initStep, w0, wTap, lowest, highest);
      } else if (s.strideW == 1) {
        pass5x2(
          vectors,
          x0,
          x1,
          step0,
          step1,
          to,
          yStep,
          skip,
          count,
          flush,
          init,
          initStep,
          w0,
          w1,
          wTap,
          lowest,
          highest,
        );
      } else if (size == 3) {
        pass3x3s2(
          vectors,
          x0,
          x1,
          x2,
          step0,
          step1,
          step2,
          to,
          yStep,
          even,
          skip,
          count,
          odd,
          flush,
          init,
          initStep,
          w0,
          w1,
          w2,
          wTap,
          lowest,
          highest,
        );
      } else {
        pass5x2s2(
          vectors,
          x0,
          x1,
          step0,
          step1,
          to,
          yStep,
          even,
          skip,
          count,
          odd,
          flush,
          init,
          initStep,
          w0,
          w1,
          wTap,
          lowest,
          highest,
        );
      }
    }
  }
}
