// Depthwise convolution. 3x3 at stride 1, dilated or not, sweeps along two output rows at once (dwconv_sweep.ts); 5 and 7
// columns, and 3 and 5 at stride 2, along one output row in passes over the kernel's rows (dwconv_pass.ts); everything
// else, and channels that fill no vector, tap by tap (dwconv_taps.ts).
import { Unary } from "../codes";
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

/** group == inC == outC; `w` is [kH·kW][C]. */
export function f32_dwconv(
  shape: SpatialShape, x: usize, w: usize, bias: usize, residual: usize, residualStride: i32, y: usize,
  activation: Unary, alpha: f32, beta: f32, part: i32, parts: i32,
): void {
  const s = shape;
  assert(s.inC == s.outC && s.group == s.inC && part >= 0 && part < parts);
  const sweeps = sweepable(s);
  // The two rows of a pair share rows of the image: they lie the dilation apart.
  const apart = sweeps ? s.dilH : 1;
  const pairs = (s.outH + 2 * apart - 1) / (2 * apart) * apart;
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
  const swept = !residual && (sweeps || passable(s)) ? begin + ((end - begin) & ~3) : begin;
  for (let i = first; i < last; i++) {
    const n = i / pairs;
    const pair = i % pairs;
    const oy = pair / apart * 2 * apart + pair % apart;
    if (oy >= s.outH) continue;
    const rows = min(2, (s.outH - oy + apart - 1) / apart);
    const from = x + <usize>n * inPlane;
    const to = y + <usize>(n * s.outH + oy) * outRow;
    if (swept > begin && sweeps) sweepRows(s, from, oy, rows, w, bias, to, outRow, begin, swept, low, high);
    for (let r = 0; r < rows; r++) {
      const row = oy + r * apart;
      const toRow = to + <usize>(r * apart) * outRow;
      if (swept > begin && !sweeps) passRow(s, from, row, w, bias, toRow, begin, swept, low, high);
      if (swept < end) {
        tapsRow(
          s, from, row, w, bias, residual ? residual + <usize>(n * s.outH + row) * residualRow : 0,
          <usize>residualStride << 2, toRow, swept, end, low, high,
        );
      }
      finishRows(activation, alpha, beta, toRow + (<usize>begin << 2), s.outStride, s.outW, end - begin);
    }
  }
}

/** Whether `sweep3x3` can do this shape. */
function sweepable(s: SpatialShape): bool {
  if (s.kH != 3 || s.kW != 3 || (s.strideH | s.strideW) != 1) return false;
  return s.padLeft <= 2 * s.dilW && s.inW >= 2 * s.dilW;
}

/**
 * One or two output rows, dilH apart, for the channels [begin, end) in whole vectors. x is that of the image, y of the
 * row. A dilated row is dilW rows that are not, of every dilW-th column.
 */
function sweepRows(
  s: SpatialShape, x: usize, oy: i32, rows: i32, w: usize, bias: usize, y: usize, outRow: usize,
  begin: i32, end: i32, low: f32, high: f32,
): void {
  const pixel = <usize>s.inStride << 2;
  const next = <usize>s.outStride << 2;
  const wStep = <usize>s.inC << 2;
  const dilation = s.dilW;
  const iy = oy - s.padTop;
  const step0 = step(s, iy, pixel);
  const step1 = step(s, iy + s.dilH, pixel);
  const step2 = step(s, iy + 2 * s.dilH, pixel);
  const step3 = step(s, iy + 3 * s.dilH, pixel);
  const inRow = <usize>(s.dilH * s.inW) * pixel;
  const at = <usize>begin << 2;
  const x0 = x + <usize>(iy * s.inW) * pixel + at;
  const yRow = rows == 2 ? <usize>s.dilH * outRow : 0;
  const columns = min(dilation, s.outW);
  for (let ox = 0; ox < columns; ox++) {
    // Columns of the kernel that are off the image to the left, at the first output.
    const ix = ox - s.padLeft;
    const off = ix < 0 ? (dilation - 1 - ix) / dilation : 0;
    const first = ix + off * dilation;
    const skip = 2 - off;
    const outputs = (s.outW - ox + dilation - 1) / dilation;
    const count = min(outputs, (s.inW - first + dilation - 1) / dilation - skip);
    const from = x0 + <usize>first * pixel;
    sweep3x3(
      step0 ? from : ZEROS, step1 ? from + inRow : ZEROS, step2 ? from + 2 * inRow : ZEROS,
      step3 ? from + 3 * inRow : ZEROS, step0, step1, step2, step3, y + <usize>ox * next + at, yRow, <usize>dilation * next,
      skip, count, outputs - count, w + at, wStep, bias ? bias + at : ZEROS, (end - begin) >> 2, low, high,
    );
  }
}

/** Bytes from one input pixel of a sweep to the next, 0 for a row off the image. */
// @ts-ignore: decorator
@inline
function step(s: SpatialShape, iy: i32, pixel: usize): usize {
  return <u32>iy < <u32>s.inH ? <usize>s.dilW * pixel : 0;
}
