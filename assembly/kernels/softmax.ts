import { shareBegin, storeLanes } from "../simd";
import { expNegativeV, f4, logV } from "./math";
import { Fold, expSumRow, foldColumns, peakRow } from "./reduce_rows";

const BLOCK = 64; // terms that a lane adds up before its sum joins the total

/** Stores exp(x - max) of n rows of up to four columns and returns their sums. */
// @ts-ignore: decorator
@inline
function exponentials(x: usize, y: usize, step: usize, n: i32, columns: i32, max: v128): v128 {
  let total = f4(0);
  while (n > 0) {
    let sum = f4(0);
    for (let left = min(n, BLOCK); left > 0; left--) {
      const e = expNegativeV(f32x4.sub(v128.load(x), max));
      storeLanes(y, e, columns);
      sum = f32x4.add(sum, e);
      x += step;
      y += step;
    }
    total = f32x4.add(total, sum);
    n -= BLOCK;
  }
  return total;
}

// @ts-ignore: decorator
@inline
function sumOfLanes(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

function softpeakRow(x: usize, y: usize, n: i32): void {
  const max = f4(peakRow(x, n));
  let sum = exponentials(x, y, 16, n >> 2, 4, max);
  const tail = <usize>(n >> 2) << 4;
  const rest = n & 3;
  if (rest > 0) {
    const e = expNegativeV(f32x4.sub(v128.load(x + tail), max));
    storeLanes(y + tail, e, rest);
    sum = f32x4.add(sum, v128.and(e, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(rest))));
  }
  const scale = f4(1 / sumOfLanes(sum));
  for (; n > 0; n -= 4) {
    storeLanes(y, f32x4.mul(v128.load(y), scale), n);
    y += 16;
  }
}

function logSoftpeakRow(x: usize, y: usize, n: i32): void {
  const max = peakRow(x, n);
  const shift = f4(max);
  const log = logV(f4(expSumRow(x, n, max)));
  for (; n > 0; n -= 4) {
    storeLanes(y, f32x4.sub(f32x4.sub(v128.load(x), shift), log), n);
    x += 16;
    y += 16;
  }
}

function softmaxColumns(x: usize, y: usize, step: usize, n: i32, columns: i32): void {
  for (; columns > 0; columns -= 4) {
    const max = foldColumns(Fold.peak, x, step, n, f4(0));
    const sum = exponentials(x, y, step, n, columns, max);
    const scale = f32x4.div(f4(1), sum);
    let row = y;
    for (let k = 0; k < n; k++) {
      storeLanes(row, f32x4.mul(v128.load(row), scale), columns);
      row += step;
    }
    x += 16;
    y += 16;
  }
}

function logSoftmaxColumns(x: usize, y: usize, step: usize, n: i32, columns: i32): void {
  for (; columns > 0; columns -= 4) {
    const max = foldColumns(Fold.peak, x, step, n, f4(0));
    const log = logV(foldColumns(Fold.expSum, x, step, n, max));
    let offset: usize = 0;
    for (let k = 0; k < n; k++) {
      storeLanes(y + offset, f32x4.sub(f32x4.sub(v128.load(x + offset), max), log), columns);
      offset += step;
    }
    x += 16;
    y += 16;
  }
}

/**
 * Over the middle of [outer][axis][inner]; `log` not 0: its logarithm. NaN anywhere makes the whole vector
 * NaN. Shares are ranges of `outer`, or of `inner` where there is too little of that. x may equal y.
 */
export function f32_softmax(
  x: usize,
  y: usize,
  outer: i32,
  axis: i32,
  inner: i32,
  log: i32,
  part: i32,
  parts: i32,
): void {
  assert(0 <= part && part < parts);
  const step = <usize>inner << 2;
  let first = 0;
  let last = inner;
  if (outer < parts && inner > 1) {
    const strips = (inner + 15) >> 4;
    first = shareBegin(strips, part, parts) << 4;
    last = min(shareBegin(strips, part + 1, parts) << 4, inner);
    part = 0;
    parts = 1;
  }
  const end = shareBegin(outer, part + 1, parts);
  for (let o = shareBegin(outer, part, parts); o < end; o++) {
    const offset = <usize>o * axis * step + (<usize>first << 2);
    if (inner == 1) {
      if (log) logSoftpeakRow(x + offset, y + offset, axis);
      else softpeakRow(x + offset, y + offset, axis);
    } else if (log) logSoftmaxColumns(x + offset, y + offset, step, axis, last - first);
    else softmaxColumns(x + offset, y + offset, step, axis, last - first);
  }
}
