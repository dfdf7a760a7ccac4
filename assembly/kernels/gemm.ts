// C = act(A * B + bias + residual) with B packed in panels of 8 columns.
import { Unary } from "../codes";
import { shareBegin, storeLanes } from "../simd";
import { clampHigh, clampLow, finishRows } from "./activation";
import { block, blockRows, TAIL_BYTES } from "./gemm_block";
import { TILE_COLS, TILE_ROWS } from "./gemm_tile";
import { transposeBlock } from "./transpose";

/** Tiles of rows that a part needs at least before rows are what is shared out; below, columns are. */
const SHARE_TILES: i32 = 4;

/** Scratch of `f32_gemm` and `f32_gemm_batch` for each part: the last panel's columns, where `n` is no multiple of 8. */
// @ts-ignore: decorator
@inline
export function gemmScratchBytes(n: i32): usize {
  return n % TILE_COLS == 0 ? 0 : TAIL_BYTES;
}

/**
 * c[m][n] = act(a[m][k]·b + bias[n] + residual[m][n]); `b` packed [ceil(n/8)][k][8], as `f32_pack_b` does. Shares are
 * rows, or columns where there are few rows.
 */
export function f32_gemm(
  a: usize,
  lda: i32,
  b: usize,
  c: usize,
  ldc: i32,
  m: i32,
  n: i32,
  k: i32,
  bias: usize,
  residual: usize,
  ldr: i32,
  activation: Unary,
  alpha: f32,
  beta: f32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  assert(lda >= k && ldc >= n && part >= 0 && part < parts);
  const tilesM = (m + TILE_ROWS - 1) / TILE_ROWS;
  const tilesN = (n + TILE_COLS - 1) / TILE_COLS;
  let top = 0;
  let bottom = m;
  let left = 0;
  let right = n;
  if (tilesM >= parts * SHARE_TILES || tilesM >= tilesN) {
    top = shareBegin(tilesM, part, parts) * TILE_ROWS;
    bottom = min(m, shareBegin(tilesM, part + 1, parts) * TILE_ROWS);
  } else {
    left = shareBegin(tilesN, part, parts) * TILE_COLS;
    right = min(n, shareBegin(tilesN, part + 1, parts) * TILE_COLS);
  }
  if (right <= left) return;

  const ldaBytes = (<usize>lda) << 2;
  const ldcBytes = (<usize>ldc) << 2;
  const ldrBytes = (<usize>ldr) << 2;
  const low = clampLow(activation, alpha);
  const high = clampHigh(activation, beta);
  const tail = scratch + <usize>part * TAIL_BYTES;
  const step = blockRows(bottom - top, k);
  for (let row = top; row < bottom; row += step) {
    const rows = min(step, bottom - row);
    const to = c + <usize>row * ldcBytes;
    block(
      rows,
      left,
      right,
      k,
      a + <usize>row * ldaBytes,
      ldaBytes,
      b,
      to,
      ldcBytes,
      bias,
      residual ? residual + <usize>row * ldrBytes : 0,
      ldrBytes,
      low,
      high,
      tail,
    );
    finishRows(activation, alpha, beta, to + ((<usize>left) << 2), ldc, rows, right - left);
  }
}

/**
 * One `f32_gemm` for each batch entry: strides in elements, 0 where shared, strideB of the packed form; the bias is
 * shared, and residual advances by strideC.
 */
export function f32_gemm_batch(
  batch: i32,
  strideA: i32,
  strideB: i32,
  strideC: i32,
  a: usize,
  lda: i32,
  b: usize,
  c: usize,
  ldc: i32,
  m: i32,
  n: i32,
  k: i32,
  bias: usize,
  residual: usize,
  ldr: i32,
  activation: Unary,
  alpha: f32,
  beta: f32,
  scratch: usize,
  part: i32,
  parts: i32,
): void {
  let first = 0;
  let last = batch;
  if (batch % parts == 0 || batch >= parts * SHARE_TILES) {
    first = shareBegin(batch, part, parts);
    last = shareBegin(batch, part + 1, parts);
    scratch += <usize>part * TAIL_BYTES;
    part = 0;
    parts = 1;
  }
  for (let i = first; i < last; i++) {
    const rows = <usize>i * ((<usize>strideC) << 2);
    f32_gemm(
      a + <usize>i * ((<usize>strideA) << 2),
      lda,
      b + <usize>i * ((<usize>strideB) << 2),
      c + rows,
      ldc,
      m,
      n,
      k,
      bias,
      residual ? residual + rows : 0,
      ldr,
      activation,
      alpha,
      beta,
      scratch,
      part,
      parts,
    );
  }
}

/**
 * Packs each of `batch` matrices B[k][n] (or, transposed, B[n][k]) into panels of 8 columns, the last one filled up
 * with zeros.
 *
 *        n = 0..7        8..15
 *      +----------+   +----------+
 *      | b00..b07 |   | b08..b0f |      panel p, row i: dst + (p*k + i) * 8 floats
 *      | b10..b17 |   | b18..b1f |
 *    k |    :     |   |    :     |
 */
export function f32_pack_b(
  b: usize,
  ldb: i32,
  transposed: i32,
  strideB: i32,
  dst: usize,
  k: i32,
  n: i32,
  batch: i32,
  part: i32,
  parts: i32,
): void {
  const panels = (n + TILE_COLS - 1) / TILE_COLS;
  const last = shareBegin(batch * panels, part + 1, parts);
  for (let i = shareBegin(batch * panels, part, parts); i < last; i++) {
    const from = b + <usize>(i / panels) * ((<usize>strideB) << 2);
    const column = (i % panels) * TILE_COLS;
    const cols = min(TILE_COLS, n - column);
    const to = dst + <usize>i * ((<usize>k) << 5);
    if (cols < TILE_COLS) memory.fill(to, 0, (<usize>k) << 5);
    if (transposed) transposeBlock(from + <usize>column * ((<usize>ldb) << 2), ldb, to, TILE_COLS, cols, k);
    else packCols(from + ((<usize>column) << 2), (<usize>ldb) << 2, to, k, cols);
  }
}

function packCols(from: usize, ldb: usize, to: usize, k: i32, cols: i32): void {
  const end = to + ((<usize>k) << 5);
  while (to < end) {
    storeLanes(to, v128.load(from), cols);
    if (cols > 4) storeLanes(to + 16, v128.load(from, 16), cols - 4);
    from += ldb;
    to += 32;
  }
}
