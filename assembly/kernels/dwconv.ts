// Depthwise convolution. 3x3 and 5x5 at stride 1 sweep along the output row (dwconv_sweep.ts); everything else goes
// tap by tap (dwconv_taps.ts).
import { SpatialShape } from "../shapes";
import { shareBegin } from "../simd";
import { clampHigh, clampLow, finishRows } from "./activation";
import { sweep3x3, sweep5x5, ZEROS } from "./dwconv_sweep";
import { tapsRow } from "./dwconv_taps";

/** Pairs of rows that a part needs at least before rows are what is shared out; below, channels are. */
const SHARE_PAIRS: i32 = 4;
/** Channels are shared out by the cache line. */
const SHARE_CHANNELS: i32 = 16;

export function f32_dwconv(
  shape: usize, x: usize, w: usize, bias: usize, residual: usize, residualStride: i32, y: usize,
  activation: i32, alpha: f32, beta: f32, part: i32, parts: i32,
): void {
  const s = changetype<SpatialShape>(shape);
  assert(s.inC == s.outC && s.group == s.inC && part >= 0 && part < parts);
  const pairs = (s.outH + 1) / 2;
  const lines = (s.inC + SHARE_CHANNELS - 1) / SHARE_CHANNELS;
  let first = 0;
  let last = s.batch * pairs;
  let begin = 0;
  let end = s.inC;
  if (last >= parts * SHARE_PAIRS || last >= lines) {
    first = shareBegin(s.batch * pairs, part, parts);
    last = shareBegin(s.batch * pairs, part + 1, parts);
  } else {
    begin = shareBegin(lines, part, parts) * SHARE_CHANNELS;
    end = min(s.inC, shareBegin(lines, part + 1, parts) * SHARE_CHANNELS);
  }
  if (end <= begin) return;

  const low = clampLow(activation, alpha);
  const high = clampHigh(activation, beta);
  const inPlane = <usize>(s.inH * s.inW) * (<usize>s.inStride << 2);
  const outRow = <usize>s.outW * (<usize>s.outStride << 2);
  const residualRow = <usize>s.outW * (<usize>residualStride << 2);
  const swept = residual ? begin : begin + sweepable(s, end - begin);
  for (let i = first; i < last; i++) {
    const n = i / pairs;
    const oy = i % pairs * 2;
    const rows = min(2, s.outH - oy);
    const row = <usize>(n * s.outH + oy);
    const from = x + <usize>n * inPlane;
    const to = y + row * outRow;
    if (swept > begin) sweepRows(s, from, oy, rows, w, bias, to, outRow, begin, swept, low, high);
    for (let r = 0; r < rows && swept < end; r++) {
      tapsRow(
        s, from, oy + r, w, bias, residual ? residual + <usize>(row + r) * residualRow : 0, <usize>residualStride << 2,
        to + <usize>r * outRow, swept, end, low, high,
      );
    }
    finishRows(activation, alpha, beta, to + (<usize>begin << 2), s.outStride, rows * s.outW, end - begin);
  }
}

/** How many of `channels` channels a sweep can do: whole vectors, or none. */
function sweepable(s: SpatialShape, channels: i32): i32 {
  const k = s.kW;
  if (s.kH != k || (k != 3 && k != 5) || (s.strideH | s.strideW | s.dilH | s.dilW) != 1) return 0;
  const skip = k - 1 - s.padLeft;
  const flush = s.outW - s.inW + skip;
  return skip >= 0 && flush < k && s.inW >= skip ? channels & ~3 : 0;
}

/** One or two output rows, for the channels [begin, end). x is that of the image, y of the row. */
function sweepRows(
  s: SpatialShape, x: usize, oy: i32, rows: i32, w: usize, bias: usize, y: usize, outRow: usize,
  begin: i32, end: i32, low: f32, high: f32,
): void {
  const pixel = <usize>s.inStride << 2;
  const next = <usize>s.outStride << 2;
  const wStep = <usize>s.inC << 2;
  const skip = s.kW - 1 - s.padLeft;
  const count = min(s.outW, s.inW - skip);
  const flush = s.outW - count;
  const iy = oy - s.padTop;
  const step0 = step(s, iy, pixel);
  const step1 = step(s, iy + 1, pixel);
  const step2 = step(s, iy + 2, pixel);
  const step3 = step(s, iy + 3, pixel);
  const step4 = step(s, iy + 4, pixel);
  const inRow = <usize>s.inW * pixel;
  const x0 = x + <usize>iy * inRow;
  for (let c = begin; c < end; c += 4) {
    const at = <usize>c << 2;
    const a = step0 ? x0 + at : ZEROS;
    const b = step1 ? x0 + inRow + at : ZEROS;
    const d = step2 ? x0 + 2 * inRow + at : ZEROS;
    const e = step3 ? x0 + 3 * inRow + at : ZEROS;
    const biasAt = bias ? bias + at : ZEROS;
    if (s.kW == 3) {
      sweep3x3(
        a, b, d, e, step0, step1, step2, step3, y + at, rows == 2 ? outRow : 0, next, skip, count, flush,
        w + at, wStep, biasAt, low, high,
      );
      continue;
    }
    const f = step4 ? x0 + 4 * inRow + at : ZEROS;
    sweep5x5(a, b, d, e, f, step0, step1, step2, step3, step4, y + at, next, skip, count, flush, w + at, wStep, biasAt, low, high);
  }
  if (s.kW == 5 && rows == 2) sweepRows(s, x, oy + 1, 1, w, bias, y + outRow, outRow, begin, end, low, high);
}

/** Bytes from one input pixel to the next, 0 for a row off the image. */
// @ts-ignore: decorator
@inline
function step(s: SpatialShape, iy: i32, pixel: usize): usize {
  return <u32>iy < <u32>s.inH ? pixel : 0;
}
