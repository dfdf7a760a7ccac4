// A'mA of F(4x4, 3x3) (winograd.ts): the 36 sums of a tile to its 4x4 outputs, for one panel of 8 channels.
import { clamp, madd, storeLanes } from "../simd";
import { A1, A2, A3, B1, B2, B3 } from "./winograd_points";

/** Down the columns, in place: planes of `bytes`, `step` apart; of six, the first four become the results. */
export function outputColumn(m0: usize, step: usize, bytes: usize): void {
  const a1 = f32x4.splat(A1);
  const a2 = f32x4.splat(A2);
  const a3 = f32x4.splat(A3);
  const b1 = f32x4.splat(B1);
  const b2 = f32x4.splat(B2);
  const b3 = f32x4.splat(B3);
  const end = m0 + bytes;
  let m1 = m0 + step;
  let m2 = m1 + step;
  let m3 = m2 + step;
  let m4 = m3 + step;
  let m5 = m4 + step;
  while (m0 < end) {
    const t1 = v128.load(m1);
    const t2 = v128.load(m2);
    const t3 = v128.load(m3);
    const t4 = v128.load(m4);
    const evenA = f32x4.add(t1, t2);
    const oddA = f32x4.sub(t1, t2);
    const evenB = f32x4.add(t3, t4);
    const oddB = f32x4.sub(t3, t4);
    v128.store(m0, f32x4.add(f32x4.add(v128.load(m0), evenA), evenB));
    v128.store(m1, madd(f32x4.mul(oddA, a1), oddB, b1));
    v128.store(m2, madd(f32x4.mul(evenA, a2), evenB, b2));
    v128.store(m3, madd(madd(v128.load(m5), oddA, a3), oddB, b3));
    m0 += 16;
    m1 += 16;
    m2 += 16;
    m3 += 16;
    m4 += 16;
    m5 += 16;
  }
}

/** Along a row, four channels: `cols` (1 to 4) pixels of which `lanes` (1 to 4) channels are stored. */
// @ts-ignore: decorator
@inline
function pixels(
  cols: i32, lanes: i32, residual: i32, m: usize, plane: usize, y: usize, ldy: usize, bias: v128,
  r: usize, ldr: usize, lows: v128, highs: v128,
): void {
  const t0 = v128.load(m);
  m += plane;
  const t1 = v128.load(m);
  m += plane;
  const t2 = v128.load(m);
  m += plane;
  const t3 = v128.load(m);
  m += plane;
  const t4 = v128.load(m);
  m += plane;
  const evenA = f32x4.add(t1, t2);
  const evenB = f32x4.add(t3, t4);
  let from = residual ? f32x4.add(bias, v128.load(r)) : bias;
  const y0 = f32x4.add(from, f32x4.add(f32x4.add(t0, evenA), evenB));
  storeLanes(y, clamp(y0, lows, highs), lanes);
  const oddA = f32x4.sub(t1, t2);
  const oddB = f32x4.sub(t3, t4);
  if (cols > 1) {
    y += ldy;
    if (residual) r += ldr;
    from = residual ? f32x4.add(bias, v128.load(r)) : bias;
    const y1 = madd(madd(from, oddA, f32x4.splat(A1)), oddB, f32x4.splat(B1));
    storeLanes(y, clamp(y1, lows, highs), lanes);
  }
  if (cols > 2) {
    y += ldy;
    if (residual) r += ldr;
    from = residual ? f32x4.add(bias, v128.load(r)) : bias;
    const y2 = madd(madd(from, evenA, f32x4.splat(A2)), evenB, f32x4.splat(B2));
    storeLanes(y, clamp(y2, lows, highs), lanes);
  }
  if (cols > 3) {
    y += ldy;
    if (residual) r += ldr;
    from = residual ? f32x4.add(bias, v128.load(r)) : bias;
    const y3 = madd(madd(f32x4.add(from, v128.load(m)), oddA, f32x4.splat(A3)), oddB, f32x4.splat(B3));
    storeLanes(y, clamp(y3, lows, highs), lanes);
  }
}

/** One row of `tiles` neighbouring tiles with all their pixels and 8 channels; `residual` is a literal. */
// @ts-ignore: decorator
@inline
function row(
  residual: i32, tiles: i32, m: usize, plane: usize, y: usize, ldy: usize, bias: usize,
  r: usize, ldr: usize, low: f32, high: f32,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  const bias0123 = v128.load(bias);
  const bias4567 = v128.load(bias, 16);
  const end = m + (<usize>tiles << 5);
  while (m < end) {
    pixels(4, 4, residual, m, plane, y, ldy, bias0123, r, ldr, lows, highs);
    pixels(4, 4, residual, m + 16, plane, y + 16, ldy, bias4567, r + 16, ldr, lows, highs);
    m += 32;
    y += 4 * ldy;
    if (residual) r += 4 * ldr;
  }
}

export function outputRow(
  tiles: i32, m: usize, plane: usize, y: usize, ldy: usize, bias: usize, low: f32, high: f32,
): void {
  row(0, tiles, m, plane, y, ldy, bias, 0, 0, low, high);
}

export function outputRowResidual(
  tiles: i32, m: usize, plane: usize, y: usize, ldy: usize, bias: usize,
  r: usize, ldr: usize, low: f32, high: f32,
): void {
  row(1, tiles, m, plane, y, ldy, bias, r, ldr, low, high);
}

/** One row of one tile at the right edge or in the last panel: `cols` (1 to 4) pixels, `lanes` (1 to 8) channels. */
export function outputEdge(
  cols: i32, lanes: i32, m: usize, plane: usize, y: usize, ldy: usize, bias: usize,
  r: usize, ldr: usize, low: f32, high: f32,
): void {
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  while (lanes > 0) {
    pixels(cols, lanes, <i32>(r != 0), m, plane, y, ldy, v128.load(bias), r, ldr, lows, highs);
    m += 16;
    y += 16;
    bias += 16;
    if (r) r += 16;
    lanes -= 4;
  }
}
