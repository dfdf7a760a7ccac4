import { storeLanes } from "../simd";

const BLOCK = 16; // elements: one cache line on either side

/**
 * dst[c][r] = src[r][c] for up to four rows and columns; rows past the last one are read from the last again.
 */
// @ts-ignore: decorator
@inline
function tile(src: usize, lds: usize, dst: usize, ldd: usize, rows: i32, cols: i32): void {
  const row1 = rows > 1 ? src + lds : src;
  const row2 = rows > 2 ? row1 + lds : row1;
  const row3 = rows > 3 ? row2 + lds : row2;
  const r0 = v128.load(src);
  const r1 = v128.load(row1);
  const r2 = v128.load(row2);
  const r3 = v128.load(row3);
  const a01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const a23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  storeLanes(dst, v128.shuffle<f64>(a01, a23, 0, 2), rows);
  if (cols > 1) storeLanes(dst + ldd, v128.shuffle<f64>(a01, a23, 1, 3), rows);
  if (cols > 2) {
    const b01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const b23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    storeLanes(dst + 2 * ldd, v128.shuffle<f64>(b01, b23, 0, 2), rows);
    if (cols > 3) storeLanes(dst + 3 * ldd, v128.shuffle<f64>(b01, b23, 1, 3), rows);
  }
}

/** Two rows to pairs without gaps, as a shuffle of two groups of channels makes them. */
// @ts-ignore: decorator
@inline
function interleave(src: usize, other: usize, dst: usize, cols: i32): void {
  for (; cols > 0; cols -= 4) {
    const a = v128.load(src);
    const b = v128.load(other);
    storeLanes(dst, v128.shuffle<i32>(a, b, 0, 4, 1, 5), 2 * cols);
    if (cols > 2) storeLanes(dst + 16, v128.shuffle<i32>(a, b, 2, 6, 3, 7), 2 * cols - 4);
    src += 16;
    other += 16;
    dst += 32;
  }
}

/** dst[c][r] = src[r][c] for one matrix. */
export function transposeBlock(src: usize, lds: i32, dst: usize, ldd: i32, rows: i32, cols: i32): void {
  if (rows == 2 && ldd == 2) return interleave(src, src + <usize>(<isize>lds << 2), dst, cols);
  const sourceBytes = <usize>(<isize>lds << 2);
  const targetBytes = <usize>(<isize>ldd << 2);
  for (let row = 0; row < rows; row += BLOCK) {
    const rowEnd = min(rows, row + BLOCK);
    for (let col = 0; col < cols; col += 4) {
      let from = src + <usize>row * sourceBytes + (<usize>col << 2);
      let to = dst + <usize>col * targetBytes + (<usize>row << 2);
      for (let r = row; r < rowEnd; r += 4) {
        tile(from, sourceBytes, to, targetBytes, rowEnd - r, cols - col);
        from += sourceBytes << 2;
        to += 16;
      }
    }
  }
}
