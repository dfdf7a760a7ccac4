// Depthwise convolution. 3x3 at stride 1 sweeps along two output rows at once (dwconv_sweep.ts); 5 and 7 columns, and 3
// and 5 at stride 2, along one output row in passes over the kernel's rows (dwconv_pass.ts); everything else, and
// channels that fill no vector, tap by tap (dwconv_taps.ts).
import { SpatialShape } from "../shapes";
import { shareBegin } from "../simd";
import { clampHigh, clampLow, finishRows } from "./activation";
import { passable, passRow } from "./dwconv_pass";
import { sweep3x3, ZEROS } from "./dwconv_sweep";
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
  const sweeps = sweepable(s);
  const swept = !residual && (sweeps || passable(s)) ? begin + ((end - begin) & ~3) : begin;
  for (let i = first; i < last; i++) {
    const n = i / pairs;
    const oy = i % pairs * 2;
    const rows = min(2, s.outH - oy);
    const row = <usize>(n * s.outH + oy);
    const from = x + <usize>n * inPlane;
    const to = y + row * outRow;
    if (swept > begin && sweeps) sweepRows(s, from, oy, rows, w, bias, to, outRow, begin, swept, low, high);
    for (let r = 0; r < rows; r++) {
      if (swept > begin && !sweeps) passRow(s, from, oy + r, w, bias, to + <usize>r * outRow, begin, swept, low, high);
      if (swept == end) continue;
      tapsRow(
        s, from, oy + r, w, bias, residual ? residual + <usize>(row + r) * residualRow : 0, <usize>residualStride << 2,
        to + <usize>r * outRow, swept, end, low, high,
      );
    }
    finishRows(activation, alpha, beta, to + (<usize>begin << 2), s.outStride, rows * s.outW, end - begin);
  }
}

/** Whether `sweep3x3` can do this shape. */
function sweepable(s: SpatialShape): bool {
  if (s.kH != 3 || s.kW != 3 || (s.strideH | s.strideW | s.dilH | s.dilW) != 1) return false;
  const skip = 2 - s.padLeft;
  return skip >= 0 && skip <= s.inW && s.outW - s.inW + skip <= 2;
}

/** One or two output rows, for the channels [begin, end) in whole vectors. x is that of the image, y of the row. */
function sweepRows(
  s: SpatialShape, x: usize, oy: i32, rows: i32, w: usize, bias: usize, y: usize, outRow: usize,
  begin: i32, end: i32, low: f32, high: f32,
): void {
  const pixel = <usize>s.inStride << 2;
  const next = <usize>s.outStride << 2;
  const wStep = <usize>s.inC << 2;
  const skip = 2 - s.padLeft;
  const count = min(s.outW, s.inW - skip);
  const flush = s.outW - count;
  const iy = oy - s.padTop;
  const step0 = step(s, iy, pixel);
  const step1 = step(s, iy + 1, pixel);
  const step2 = step(s, iy + 2, pixel);
  const step3 = step(s, iy + 3, pixel);
  const inRow = <usize>s.inW * pixel;
  const x0 = x + <usize>iy * inRow;
  const at = <usize>begin << 2;
  sweep3x3(
    step0 ? x0 + at : ZEROS, step1 ? x0 + inRow + at : ZEROS, step2 ? x0 + 2 * inRow + at : ZEROS,
    step3 ? x0 + 3 * inRow + at : ZEROS, step0, step1, step2, step3,
    y + at, rows == 2 ? outRow : 0, next, skip, count, flush, w + at, wStep, bias ? bias + at : ZEROS, (end - begin) >> 2, low, high,
  );
}

/** Bytes from one input pixel to the next, 0 for a row off the image. */
// @ts-ignore: decorator
@inline
function step(s: SpatialShape, iy: i32, pixel: usize): usize {
  return <u32>iy < <u32>s.inH ? pixel : 0;
}
