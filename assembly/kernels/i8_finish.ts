// What becomes of int32 sums: a panel of 8 columns, dense, goes out as int32, float32, int8 or uint8.
//
//   float32   v = sum * (scale[column] * multiplier) + shift[column], clamped to [low, high]
//   8 bits    v = sum * scale[column], clamped to [low, high], rounded, halves to even, plus `zero`
//
// For 8 bits [low, high] must lie within the type's range less `zero`; or it is [-Infinity, Infinity], which says that no
// |sum * scale| reaches 2^22, and the type's own range is all the clamping there is.
import { Sum } from "../codes";
import { ROUNDER, ROUNDER_BITS } from "./bytes";

/** What the shift is where there is none. */
const NO_SHIFT: usize = memory.data(32, 16);

/** Four sums, scaled, clamped and rounded. */
// @ts-ignore: decorator
@inline
function rounded(clamped: bool, sums: v128, scale: v128, low: v128, high: v128, offset: v128): v128 {
  let value = f32x4.mul(f32x4.convert_i32x4_s(sums), scale);
  if (clamped) value = f32x4.pmin(f32x4.pmax(value, low), high);
  return i32x4.sub(f32x4.add(value, f32x4.splat(ROUNDER)), offset);
}

/** Two rows at a time: their bytes make one vector. */
// @ts-ignore: decorator
@inline
function quantizeRows(
  signed: bool, clamped: bool, rows: i32, sums: usize, scale: usize, zero: i32, low: f32, high: f32, y: usize, ldy: usize,
): void {
  const scale0123 = v128.load(scale);
  const scale4567 = v128.load(scale, 16);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const offset = i32x4.splat(ROUNDER_BITS - zero);
  while (rows > 0) {
    const words0 = i16x8.narrow_i32x4_s(
      rounded(clamped, v128.load(sums), scale0123, lows, highs, offset),
      rounded(clamped, v128.load(sums, 16), scale4567, lows, highs, offset),
    );
    const words1 = i16x8.narrow_i32x4_s(
      rounded(clamped, v128.load(sums, 32), scale0123, lows, highs, offset),
      rounded(clamped, v128.load(sums, 48), scale4567, lows, highs, offset),
    );
    const bytes = signed ? i8x16.narrow_i16x8_s(words0, words1) : i8x16.narrow_i16x8_u(words0, words1);
    v128.store64_lane(y, bytes, 0);
    if (rows > 1) v128.store64_lane(y + ldy, bytes, 1);
    sums += 64;
    y += 2 * ldy;
    rows -= 2;
  }
}

// @ts-ignore: decorator
@inline
function real(sums: v128, scale: v128, shift: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sums), scale), shift), low), high);
}

function float32Rows(
  rows: i32, sums: usize, scale: usize, multiplier: f32, shift: usize, low: f32, high: f32, y: usize, ldy: usize,
): void {
  const scale0123 = f32x4.mul(v128.load(scale), f32x4.splat(multiplier));
  const scale4567 = f32x4.mul(v128.load(scale, 16), f32x4.splat(multiplier));
  const shift0123 = v128.load(shift);
  const shift4567 = v128.load(shift, 16);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const end = sums + (<usize>rows << 5);
  while (sums < end) {
    v128.store(y, real(v128.load(sums), scale0123, shift0123, lows, highs));
    v128.store(y, real(v128.load(sums, 16), scale4567, shift4567, lows, highs), 16);
    sums += 32;
    y += ldy;
  }
}

function int32Rows(rows: i32, sums: usize, y: usize, ldy: usize): void {
  const end = sums + (<usize>rows << 5);
  while (sums < end) {
    v128.store(y, v128.load(sums));
    v128.store(y, v128.load(sums, 16), 16);
    sums += 32;
    y += ldy;
  }
}

/**
 * Writes the first `cols` (1 to 8) columns of `rows` rows of sums; ldy in bytes. Fewer than 8 go through the sums' own
 * bytes. `scale` and `shift` are those of the first column; 8 of each are read, and one row of sums behind the last.
 */
export function finishSums(
  kind: i32, rows: i32, cols: i32, sums: usize, scale: usize, multiplier: f32, shift: usize, zero: i32, low: f32, high: f32,
  y: usize, ldy: usize,
): void {
  const bytes = kind <= Sum.float32 ? 4 : 1;
  const to = cols < 8 ? sums : y;
  const step = cols < 8 ? <usize>bytes << 3 : ldy;
  if (kind >= Sum.int8 && low == -Infinity) {
    if (kind == Sum.int8) quantizeRows(true, false, rows, sums, scale, zero, low, high, to, step);
    else quantizeRows(false, false, rows, sums, scale, zero, low, high, to, step);
  } else if (kind == Sum.int8) quantizeRows(true, true, rows, sums, scale, zero, low, high, to, step);
  else if (kind == Sum.uint8) quantizeRows(false, true, rows, sums, scale, zero, low, high, to, step);
  else if (kind == Sum.float32) float32Rows(rows, sums, scale, multiplier, shift ? shift : NO_SHIFT, low, high, to, step);
  else int32Rows(rows, sums, to, step);
  if (cols >= 8) return;
  for (let row = 0; row < rows; row++) {
    memory.copy(y, sums, <usize>(cols * bytes));
    sums += step;
    y += ldy;
  }
}
