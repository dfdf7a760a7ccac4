import { Unary } from "../codes";
import { shareBegin, storeLanes } from "../simd";
import { f4 } from "./math";
import { unaryRows } from "./unary_rows";

const CHUNK = 16; // elements: shares of one long run begin on whole cache lines

/** y = op(x). x may equal y. */
export function f32_unary(
  op: Unary,
  alpha: f32,
  beta: f32,
  x: usize,
  ldx: i32,
  y: usize,
  ldy: i32,
  rows: i32,
  cols: i32,
  part: i32,
  parts: i32,
): void {
  assert(ldx >= cols && ldy >= cols && 0 <= part && part < parts);
  if (rows == 1 || (ldx == cols && ldy == cols)) {
    const total = rows * cols;
    const chunks = (total + CHUNK - 1) / CHUNK;
    const begin = shareBegin(chunks, part, parts) * CHUNK;
    const end = min(shareBegin(chunks, part + 1, parts) * CHUNK, total);
    const offset = (<usize>begin) << 2;
    unaryRows(op, alpha, beta, x + offset, ldx, y + offset, ldy, 1, end - begin);
    return;
  }
  const begin = shareBegin(rows, part, parts);
  const end = shareBegin(rows, part + 1, parts);
  x += (<usize>begin * ldx) << 2;
  y += (<usize>begin * ldy) << 2;
  unaryRows(op, alpha, beta, x, ldx, y, ldy, end - begin, cols);
}

/** y = x < 0 ? slope[col]·x : x. x may equal y. */
export function f32_prelu(
  x: usize,
  ldx: i32,
  slope: usize,
  y: usize,
  ldy: i32,
  rows: i32,
  cols: i32,
  part: i32,
  parts: i32,
): void {
  assert(ldx >= cols && ldy >= cols && 0 <= part && part < parts);
  const end = shareBegin(rows, part + 1, parts);
  for (let row = shareBegin(rows, part, parts); row < end; row++) {
    let source = x + ((<usize>row * ldx) << 2);
    let target = y + ((<usize>row * ldy) << 2);
    let factor = slope;
    for (let left = cols; left > 0; left -= 4) {
      const v = v128.load(source);
      storeLanes(target, v128.bitselect(f32x4.mul(v, v128.load(factor)), v, f32x4.lt(v, f4(0))), left);
      source += 16;
      target += 16;
      factor += 16;
    }
  }
}
