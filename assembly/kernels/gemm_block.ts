// GEMM over blocks of rows: each panel of B stays in L1 while the block's rows, which stay in L2, pass by.
import { storeLanes } from "../simd";
import {
  TILE_COLS, TILE_ROWS, tile1x8, tile1x32, tile2x8, tile3x8, tile4x8, tile5x8, tile6x8,
} from "./gemm_tile";

/** Bytes of a panel from which it is read ahead of the tiles: a smaller one the hardware has in time. */
export const TOUCH_BYTES: usize = 4096;

/**
 * Reads a byte of every cache line, so that memory delivers many at once instead of at the tiles' pace. Of every line:
 * a wider step leads the hardware's own reading ahead astray.
 */
export function touch(from: usize, end: usize): void {
  while (from < end) {
    load<u8>(from);
    from += 64;
  }
}

/** Any number of rows by one panel: full tiles, the last two sharing what is left so that none is thin. */
export function panel(
  rows: i32, a: usize, lda: usize, b: usize, bEnd: usize, c: usize, ldc: usize,
  bias: usize, residual: usize, ldr: usize, low: f32, high: f32,
): void {
  while (rows > 0) {
    let step = TILE_ROWS;
    if (rows < TILE_ROWS) step = rows;
    else if (rows > TILE_ROWS && rows < 2 * TILE_ROWS) step = (rows + 1) >> 1;
    if (TILE_ROWS > 5 && step > 5) tile6x8(a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
    else if (step == 5) tile5x8(a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
    else if (step == 4) tile4x8(a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
    else if (step == 3) tile3x8(a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
    else if (step == 2) tile2x8(a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
    else tile1x8(a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
    a += <usize>step * lda;
    c += <usize>step * ldc;
    if (residual) residual += <usize>step * ldr;
    rows -= step;
  }
}

/** Copies the first `cols` (1 to 7) of every 8 columns out of the scratch tile. */
function copyTail(rows: i32, from: usize, c: usize, ldc: usize, cols: i32): void {
  while (rows > 0) {
    storeLanes(c, v128.load(from), cols);
    if (cols > 4) storeLanes(c + 16, v128.load(from, 16), cols - 4);
    from += TILE_COLS << 2;
    c += ldc;
    rows--;
  }
}

/** The most rows a call of `block` may be given; it needs a scratch of as many packed rows of 8 floats. */
export const BLOCK_ROWS: i32 = 120;
export const TAIL_BYTES: usize = BLOCK_ROWS * TILE_COLS * 4;

/** The size of A's rows that `blockRows` aims at. */
export const BLOCK_BYTES: i32 = 640 << 10;

/**
 * Rows of A that stay in cache while every panel of B passes by, a multiple of the tile: 24 (20) to 120 rows, and
 * the blocks of `rows` even.
 */
export function blockRows(rows: i32, k: i32): i32 {
  const fit = min(max(BLOCK_BYTES / (max(k, 1) << 2), 4 * TILE_ROWS), BLOCK_ROWS);
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  const most = fit / TILE_ROWS;
  const blocks = (tiles + most - 1) / most;
  return blocks ? (tiles + blocks - 1) / blocks * TILE_ROWS : TILE_ROWS;
}

/**
 * c[rows][begin..end) = clamp(a[rows][k] * b + bias + residual) for the columns of panels begin/8 to end/8; `begin` is
 * a multiple of 8, and `end` one too or the last column. All pointers are those of column 0; strides are in bytes.
 */
export function block(
  rows: i32, begin: i32, end: i32, k: i32, a: usize, lda: usize, b: usize, c: usize, ldc: usize,
  bias: usize, residual: usize, ldr: usize, low: f32, high: f32, tail: usize,
): void {
  const panelBytes = <usize>k << 5;
  b += <usize>(begin >> 3) * panelBytes;
  let offset = <usize>begin << 2;
  for (let left = end - begin; left > 0; ) {
    const biasAt = bias ? bias + offset : 0;
    const residualAt = residual ? residual + offset : 0;
    let cols = TILE_COLS;
    if (rows <= 2 && left >= 32) {
      tile1x32(a, b, panelBytes, c + offset, biasAt, residualAt, low, high);
      if (rows == 2) {
        tile1x32(a + lda, b, panelBytes, c + offset + ldc, biasAt, residualAt ? residualAt + ldr : 0, low, high);
      }
      cols = 32;
    } else if (left >= TILE_COLS) {
      if (rows > TILE_ROWS && panelBytes >= TOUCH_BYTES) touch(b, b + panelBytes);
      panel(rows, a, lda, b, b + panelBytes, c + offset, ldc, biasAt, residualAt, ldr, low, high);
    } else {
      panel(rows, a, lda, b, b + panelBytes, tail, TILE_COLS << 2, biasAt, residualAt, ldr, low, high);
      copyTail(rows, tail, c + offset, ldc, left);
    }
    b += <usize>(cols >> 3) * panelBytes;
    offset += <usize>cols << 2;
    left -= cols;
  }
}
