// The weight gradient of a convolution with one filter a channel: eight channels at a time, up to three neighbouring
// taps in registers along each row of slopes.
import { SpatialShape } from "../../shapes";
import { madd, shareBegin } from "../../simd";

const STRIP: i32 = 8;

/**
 * sum[taps][8] += Σ over `count` pixels of x[pixel + tap][8] * dy[pixel][8]; steps in bytes. `taps` is a literal.
 */
// @ts-ignore: decorator
@inline
function run(taps: i32, x: usize, stepX: usize, stepTap: usize, dy: usize, stepY: usize, count: i32, sum: usize): void {
  let acc0x0123 = f32x4.splat(0);
  let acc0x4567 = f32x4.splat(0);
  let acc1x0123 = f32x4.splat(0);
  let acc1x4567 = f32x4.splat(0);
  let acc2x0123 = f32x4.splat(0);
  let acc2x4567 = f32x4.splat(0);
  const end = dy + <usize>count * stepY;
  let x1 = x + stepTap;
  let x2 = x1 + stepTap;
  while (dy < end) {
    const dy0123 = v128.load(dy);
    const dy4567 = v128.load(dy, 16);
    dy += stepY;
    acc0x0123 = madd(acc0x0123, v128.load(x), dy0123);
    acc0x4567 = madd(acc0x4567, v128.load(x, 16), dy4567);
    x += stepX;
    if (taps > 1) {
      acc1x0123 = madd(acc1x0123, v128.load(x1), dy0123);
      acc1x4567 = madd(acc1x4567, v128.load(x1, 16), dy4567);
      x1 += stepX;
    }
    if (taps > 2) {
      acc2x0123 = madd(acc2x0123, v128.load(x2), dy0123);
      acc2x4567 = madd(acc2x4567, v128.load(x2, 16), dy4567);
      x2 += stepX;
    }
  }
  if (taps > 2) {
    v128.store(sum, f32x4.add(v128.load(sum, 64), acc2x0123), 64);
    v128.store(sum, f32x4.add(v128.load(sum, 80), acc2x4567), 80);
  }
  if (taps > 1) {
    v128.store(sum, f32x4.add(v128.load(sum, 32), acc1x0123), 32);
    v128.store(sum, f32x4.add(v128.load(sum, 48), acc1x4567), 48);
  }
  v128.store(sum, f32x4.add(v128.load(sum), acc0x0123));
  v128.store(sum, f32x4.add(v128.load(sum, 16), acc0x4567), 16);
}

export function dw_weight_run_1(
  x: usize, stepX: usize, stepTap: usize, dy: usize, stepY: usize, count: i32, sum: usize,
): void {
  run(1, x, stepX, stepTap, dy, stepY, count, sum);
}

export function dw_weight_run_2(
  x: usize, stepX: usize, stepTap: usize, dy: usize, stepY: usize, count: i32, sum: usize,
): void {
  run(2, x, stepX, stepTap, dy, stepY, count, sum);
}

export function dw_weight_run_3(
  x: usize, stepX: usize, stepTap: usize, dy: usize, stepY: usize, count: i32, sum: usize,
): void {
  run(3, x, stepX, stepTap, dy, stepY, count, sum);
}

/** The first output column whose tap at `offset` lies on the image. */
// @ts-ignore: decorator
@inline
function firstColumn(offset: i32, stride: i32): i32 {
  return offset >= 0 ? 0 : (stride - 1 - offset) / stride;
}

/** The output column from which on the tap at `offset` lies behind the image. */
// @ts-ignore: decorator
@inline
function endColumn(offset: i32, stride: i32, inW: i32, outW: i32): i32 {
  return offset >= inW ? 0 : min(outW, (inW - 1 - offset) / stride + 1);
}

/** One row of taps along one row of slopes. */
function tapRow(s: SpatialShape, x: usize, dy: usize, sum: usize): void {
  const pixelX = <usize>s.inStride << 2;
  const stepX = pixelX * s.strideW;
  const stepY = <usize>s.outStride << 2;
  const stepTap = pixelX * s.dilW;
  for (let kx = 0; kx < s.kW; kx += 3) {
    const taps = min(3, s.kW - kx);
    const offset = kx * s.dilW - s.padLeft;
    const lastOffset = offset + (taps - 1) * s.dilW;
    const begin = firstColumn(offset, s.strideW);
    const end = max(begin, endColumn(lastOffset, s.strideW, s.inW, s.outW));
    // The columns that all of these taps see, and what single taps see to either side.
    const to = sum + (<usize>kx << 5);
    if (end > begin) {
      const from = x + <usize>(offset + begin * s.strideW) * pixelX;
      const at = dy + <usize>begin * stepY;
      if (taps == 3) dw_weight_run_3(from, stepX, stepTap, at, stepY, end - begin, to);
      else if (taps == 2) dw_weight_run_2(from, stepX, stepTap, at, stepY, end - begin, to);
      else dw_weight_run_1(from, stepX, stepTap, at, stepY, end - begin, to);
    }
    for (let i = 0; i < taps; i++) {
      const own = offset + i * s.dilW;
      const first = firstColumn(own, s.strideW);
      const last = endColumn(own, s.strideW, s.inW, s.outW);
      const tapAt = to + (<usize>i << 5);
      edge(x, dy, own, s.strideW, pixelX, stepY, first, min(last, begin), tapAt);
      edge(x, dy, own, s.strideW, pixelX, stepY, max(first, end), last, tapAt);
    }
  }
}

/** One tap over the output columns [begin, end). */
function edge(
  x: usize, dy: usize, offset: i32, stride: i32, pixelX: usize, stepY: usize, begin: i32, end: i32, sum: usize,
): void {
  if (begin >= end) return;
  const from = x + <usize>(offset + begin * stride) * pixelX;
  dw_weight_run_1(from, pixelX * stride, 0, dy + <usize>begin * stepY, stepY, end - begin, sum);
}

/**
 * sums[chunk][ceil(C/8)][kH*kW][8] of x and dy, both channels-last; chunks are ranges of output rows. Channels behind the
 * last hold what happens to lie there. `f32_conv_weight_finish` with group 1, outC = C and inC = 1 does the rest.
 */
export function f32_dwconv_weight_sums(
  shape: SpatialShape, x: usize, dy: usize, sums: usize, chunks: i32, part: i32, parts: i32,
): void {
  const s = shape;
  assert(s.inC == s.outC && s.group == s.inC && part >= 0 && part < parts);
  const strips = (s.inC + STRIP - 1) / STRIP;
  const rows = s.batch * s.outH;
  const sumBytes = <usize>(s.kH * s.kW) << 5;
  const rowX = <usize>s.inW * s.inStride << 2;
  const rowY = <usize>s.outW * s.outStride << 2;
  const end = shareBegin(chunks * strips, part + 1, parts);
  for (let item = shareBegin(chunks * strips, part, parts); item < end; item++) {
    const chunk = item / strips;
    const channel = <usize>(item % strips * STRIP) << 2;
    const sum = sums + <usize>item * sumBytes;
    memory.fill(sum, 0, sumBytes);
    const bottom = shareBegin(rows, chunk + 1, chunks);
    for (let row = shareBegin(rows, chunk, chunks); row < bottom; row++) {
      const image = row / s.outH;
      const top = (row - image * s.outH) * s.strideH - s.padTop;
      const at = dy + <usize>row * rowY + channel;
      for (let ky = 0; ky < s.kH; ky++) {
        const iy = top + ky * s.dilH;
        if (<u32>iy >= <u32>s.inH) continue;
        tapRow(s, x + <usize>(image * s.inH + iy) * rowX + channel, at, sum + (<usize>(ky * s.kW) << 5));
      }
    }
  }
}
