import { Pad, Unary } from "../codes";
import { SpatialShape, StridedShape } from "../shapes";
import { shareBegin, storeLanes } from "../simd";
import { COPY, fill, strided } from "./strided";
import { transposeBlock } from "./transpose";

/**
 * dst = src for 4-byte elements of any type, in any order of strides, those of a and of y; the two must not overlap.
 */
export function x32_copy(shape: StridedShape, src: usize, dst: usize, part: i32, parts: i32): void {
  assert(0 <= part && part < parts);
  strided(COPY, shape, src, src, dst, Unary.identity, 0, 0, part, parts);
}

/** `count` words of the pattern `bits`. */
export function x32_fill(dst: usize, bits: i32, count: i32, part: i32, parts: i32): void {
  assert(0 <= part && part < parts);
  const chunks = (count + 15) >> 4;
  const begin = shareBegin(chunks, part, parts) << 4;
  const end = min(shareBegin(chunks, part + 1, parts) << 4, count);
  fill(dst + (<usize>begin << 2), bits, end - begin);
}

/** dst[c][r] = src[r][c] for each of `batch` matrices; strides in elements. */
export function x32_transpose(
  src: usize,
  lds: i32,
  dst: usize,
  ldd: i32,
  rows: i32,
  cols: i32,
  batch: i32,
  strideSrc: i32,
  strideDst: i32,
  part: i32,
  parts: i32,
): void {
  assert(lds >= cols && ldd >= rows && 0 <= part && part < parts);
  let first = 0;
  let last = batch;
  let rowBegin = 0;
  let colBegin = 0;
  if (batch >= parts) {
    first = shareBegin(batch, part, parts);
    last = shareBegin(batch, part + 1, parts);
  } else if (rows > cols) {
    const blocks = (rows + 15) >> 4;
    rowBegin = shareBegin(blocks, part, parts) << 4;
    rows = min(shareBegin(blocks, part + 1, parts) << 4, rows) - rowBegin;
  } else {
    const blocks = (cols + 15) >> 4;
    colBegin = shareBegin(blocks, part, parts) << 4;
    cols = min(shareBegin(blocks, part + 1, parts) << 4, cols) - colBegin;
  }
  src += (<usize>rowBegin * lds + colBegin) << 2;
  dst += (<usize>colBegin * ldd + rowBegin) << 2;
  for (let i = first; i < last; i++) {
    const from = src + ((<usize>i * strideSrc) << 2);
    transposeBlock(from, lds, dst + ((<usize>i * strideDst) << 2), ldd, rows, cols);
  }
}

/** The source position of position i in 0 … n-1, or -1 where the constant goes. */
function padSource(mode: Pad, i: i32, n: i32): i32 {
  if (i >= 0 && i < n) return i;
  if (n <= 0) return -1;
  if (mode == Pad.edge) return i < 0 ? 0 : n - 1;
  if (mode == Pad.wrap) {
    i %= n;
    return i < 0 ? i + n : i;
  }
  if (mode == Pad.reflect) {
    const period = max(2 * (n - 1), 1);
    i = (i < 0 ? -i : i) % period;
    return min(i, period - i);
  }
  return -1;
}

// @ts-ignore: decorator
@inline
function copyPixel(target: usize, source: usize, channels: i32): void {
  for (; channels > 0; channels -= 4) {
    storeLanes(target, v128.load(source), channels);
    target += 16;
    source += 16;
  }
}

/**
 * Spatial pad, channels-last: the output pixel (y, x) is the input pixel (y - padTop, x - padLeft); pads may
 * be negative.
 */
export function x32_pad(shape: SpatialShape, x: usize, y: usize, mode: Pad, bits: i32, part: i32, parts: i32): void {
  assert(0 <= mode && mode <= Pad.wrap && 0 <= part && part < parts);
  const s = shape;
  assert(s.inC <= s.inStride && s.inC <= s.outStride);
  const outH = s.outH;
  const outW = s.outW;
  const inC = s.inC;
  const inPixel = <usize>s.inStride << 2;
  const outPixel = <usize>s.outStride << 2;
  const pixelBytes = <usize>inC << 2;
  const dense = s.inStride == inC && s.outStride == inC;
  // The input's own columns among the output's: copied in one go where both sides are dense.
  const ownBegin = min(max(s.padLeft, 0), outW);
  const ownEnd = max(min(s.inW + s.padLeft, outW), ownBegin);
  const end = shareBegin(s.batch * outH, part + 1, parts);
  for (let row = shareBegin(s.batch * outH, part, parts); row < end; row++) {
    const image = row / outH;
    const inRow = padSource(mode, row - image * outH - s.padTop, s.inH);
    const source = x + (<usize>image * s.inH + inRow) * s.inW * inPixel;
    let target = y + <usize>row * outW * outPixel;
    for (let col = 0; col < outW; col++) {
      if (dense && inRow >= 0 && col == ownBegin && ownBegin < ownEnd) {
        const own = <usize>(ownEnd - ownBegin);
        memory.copy(target, source + <usize>(col - s.padLeft) * inPixel, own * pixelBytes);
        target += own * outPixel;
        col = ownEnd - 1;
        continue;
      }
      const inCol = padSource(mode, col - s.padLeft, s.inW);
      if (inRow < 0 || inCol < 0) fill(target, bits, inC);
      else copyPixel(target, source + <usize>inCol * inPixel, inC);
      target += outPixel;
    }
  }
}
