import { Reduce } from "../codes";
import { shareBegin, storeLanes } from "../simd";
import { f4, logV } from "./math";
import { Fold, expSumRow, foldColumns, foldRow, foldStrips, maxRow, sumRow } from "./reduce_rows";

/** The maximum to subtract before exp; none where it is infinite, lest ∞ - ∞ make a NaN. */
// @ts-ignore: decorator
@inline
function finite(max: v128): v128 {
  return v128.and(max, f32x4.ne(f32x4.abs(max), f4(Infinity)));
}

// @ts-ignore: decorator
@inline
function finish(op: i32, v: v128, count: i32): v128 {
  if (op == Reduce.mean) return f32x4.div(v, f4(<f32>count));
  if (op == Reduce.l2) return f32x4.sqrt(v);
  if (op == Reduce.logSum) return logV(v);
  return v;
}

// One function a fold, called through tables: in a switch Binaryen merges the loops before it specialises
// them.
type RowFold = (x: usize, n: i32) => f32;
type ColumnsFold = (x: usize, step: usize, n: i32, y: usize, columns: i32) => void;

function minRow(x: usize, n: i32): f32 {
  return foldRow(Fold.min, x, n, 0);
}
function prodRow(x: usize, n: i32): f32 {
  return foldRow(Fold.prod, x, n, 0);
}
function absoluteRow(x: usize, n: i32): f32 {
  return foldRow(Fold.absolute, x, n, 0);
}
function squareRow(x: usize, n: i32): f32 {
  return foldRow(Fold.square, x, n, 0);
}
function sumColumns(x: usize, step: usize, n: i32, y: usize, columns: i32): void {
  foldStrips(Fold.sum, x, step, n, y, columns);
}
function maxColumns(x: usize, step: usize, n: i32, y: usize, columns: i32): void {
  foldStrips(Fold.max, x, step, n, y, columns);
}
function minColumns(x: usize, step: usize, n: i32, y: usize, columns: i32): void {
  foldStrips(Fold.min, x, step, n, y, columns);
}
function prodColumns(x: usize, step: usize, n: i32, y: usize, columns: i32): void {
  foldStrips(Fold.prod, x, step, n, y, columns);
}
function absoluteColumns(x: usize, step: usize, n: i32, y: usize, columns: i32): void {
  foldStrips(Fold.absolute, x, step, n, y, columns);
}
function squareColumns(x: usize, step: usize, n: i32, y: usize, columns: i32): void {
  foldStrips(Fold.square, x, step, n, y, columns);
}

/** In the order of the codes. */
const ROWS: StaticArray<RowFold> = [
  sumRow,
  sumRow,
  maxRow,
  minRow,
  prodRow,
  absoluteRow,
  squareRow,
  squareRow,
  sumRow,
];
const COLUMNS: StaticArray<ColumnsFold> = [
  sumColumns,
  sumColumns,
  maxColumns,
  minColumns,
  prodColumns,
  absoluteColumns,
  squareColumns,
  squareColumns,
  sumColumns,
];

function logSumExpRow(x: usize, y: usize, count: i32): void {
  const shift = finite(f4(maxRow(x, count)));
  const sum = f4(expSumRow(x, count, f32x4.extract_lane(shift, 0)));
  v128.store32_lane(y, f32x4.add(logV(sum), shift), 0);
}

function logSumExpColumns(x: usize, y: usize, step: usize, count: i32, columns: i32): void {
  for (; columns > 0; columns -= 4) {
    const shift = finite(foldColumns(Fold.max, x, step, count, f4(0)));
    const sum = foldColumns(Fold.expSum, x, step, count, shift);
    storeLanes(y, f32x4.add(logV(sum), shift), columns);
    x += 16;
    y += 16;
  }
}

function reduceRow(op: i32, x: usize, y: usize, count: i32): void {
  if (op == Reduce.logSumExp) logSumExpRow(x, y, count);
  else v128.store32_lane(y, finish(op, f4(unchecked(ROWS[op])(x, count)), count), 0);
}

function reduceColumns(op: i32, x: usize, y: usize, step: usize, count: i32, columns: i32): void {
  if (op == Reduce.logSumExp) return logSumExpColumns(x, y, step, count, columns);
  unchecked(COLUMNS[op])(x, step, count, y, columns);
  if (op != Reduce.mean && op != Reduce.l2 && op != Reduce.logSum) return;
  for (; columns > 0; columns -= 4) {
    storeLanes(y, finish(op, v128.load(y), count), columns);
    y += 16;
  }
}

/**
 * [outer][count][inner] to [outer][inner], both contiguous. Of nothing: sum 0, prod 1, max -∞, min ∞. max and min give
 * NaN when any element is NaN. Shares are ranges of `outer`, or of `inner` where there is too little of that.
 */
export function f32_reduce(
  op: Reduce,
  x: usize,
  y: usize,
  outer: i32,
  count: i32,
  inner: i32,
  part: i32,
  parts: i32,
): void {
  assert(0 <= op && op <= Reduce.logSumExp && 0 <= part && part < parts);
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
    const source = x + <usize>o * count * step;
    const target = y + <usize>o * step;
    const offset = <usize>first << 2;
    if (inner == 1) reduceRow(op, source, target, count);
    else reduceColumns(op, source + offset, target + offset, step, count, last - first);
  }
}
