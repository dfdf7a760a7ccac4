// The register tiles of every GEMM-like kernel: `rows` x 8 outputs held in registers while K is walked once, in order,
// so that an output's value does not depend on which tile computed it.
import { clamp, madd, splatLoad } from "../simd";

/** Rows of the full tile: what 15 vector registers hold (a fused madd needs no temporary). */
export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;
/** Its most in any build: scratch is planned before the build is known. */
export const MOST_TILE_ROWS: i32 = 6;
/** Columns of a tile, and of a packed panel of B. */
export const TILE_COLS: i32 = 8;

/**
 * c[rows][8] = clamp(a[rows][k] * b[k][8] + bias[8] + residual[rows][8]). Strides are in bytes, b ends at bEnd.
 * `rows` is a literal, so that the branches fold.
 *
 * Rows are stored last to first. TurboFan schedules the loop's multiply-adds in the order in which it meets their
 * values walking back from the stores; in the other order it hoists all the splats and spills (66 -> 31 GF).
 */
// @ts-ignore: decorator
@inline
function tile(
  rows: i32, a: usize, lda: usize, b: usize, bEnd: usize, c: usize, ldc: usize,
  bias: usize, residual: usize, ldr: usize, low: f32, high: f32,
): void {
  let acc0x0123 = f32x4.splat(0);
  let acc0x4567 = f32x4.splat(0);
  if (bias) {
    acc0x0123 = v128.load(bias);
    acc0x4567 = v128.load(bias, 16);
  }
  let acc1x0123 = acc0x0123;
  let acc1x4567 = acc0x4567;
  let acc2x0123 = acc0x0123;
  let acc2x4567 = acc0x4567;
  let acc3x0123 = acc0x0123;
  let acc3x4567 = acc0x4567;
  let acc4x0123 = acc0x0123;
  let acc4x4567 = acc0x4567;
  let acc5x0123 = acc0x0123;
  let acc5x4567 = acc0x4567;
  if (residual) {
    acc0x0123 = f32x4.add(acc0x0123, v128.load(residual));
    acc0x4567 = f32x4.add(acc0x4567, v128.load(residual, 16));
    if (rows > 1) {
      residual += ldr;
      acc1x0123 = f32x4.add(acc1x0123, v128.load(residual));
      acc1x4567 = f32x4.add(acc1x4567, v128.load(residual, 16));
    }
    if (rows > 2) {
      residual += ldr;
      acc2x0123 = f32x4.add(acc2x0123, v128.load(residual));
      acc2x4567 = f32x4.add(acc2x4567, v128.load(residual, 16));
    }
    if (rows > 3) {
      residual += ldr;
      acc3x0123 = f32x4.add(acc3x0123, v128.load(residual));
      acc3x4567 = f32x4.add(acc3x4567, v128.load(residual, 16));
    }
    if (rows > 4) {
      residual += ldr;
      acc4x0123 = f32x4.add(acc4x0123, v128.load(residual));
      acc4x4567 = f32x4.add(acc4x4567, v128.load(residual, 16));
    }
    if (rows > 5) {
      residual += ldr;
      acc5x0123 = f32x4.add(acc5x0123, v128.load(residual));
      acc5x4567 = f32x4.add(acc5x4567, v128.load(residual, 16));
    }
  }
  let a0 = a;
  let a1 = a0 + lda;
  let a2 = a1 + lda;
  let a3 = a2 + lda;
  let a4 = a3 + lda;
  let a5 = a4 + lda;
  while (b < bEnd) {
    const b0123 = v128.load(b);
    const b4567 = v128.load(b, 16);
    b += 32;
    const x0 = splatLoad(a0);
    a0 += 4;
    acc0x0123 = madd(acc0x0123, x0, b0123);
    acc0x4567 = madd(acc0x4567, x0, b4567);
    if (rows > 1) {
      const x1 = splatLoad(a1);
      a1 += 4;
      acc1x0123 = madd(acc1x0123, x1, b0123);
      acc1x4567 = madd(acc1x4567, x1, b4567);
    }
    if (rows > 2) {
      const x2 = splatLoad(a2);
      a2 += 4;
      acc2x0123 = madd(acc2x0123, x2, b0123);
      acc2x4567 = madd(acc2x4567, x2, b4567);
    }
    if (rows > 3) {
      const x3 = splatLoad(a3);
      a3 += 4;
      acc3x0123 = madd(acc3x0123, x3, b0123);
      acc3x4567 = madd(acc3x4567, x3, b4567);
    }
    if (rows > 4) {
      const x4 = splatLoad(a4);
      a4 += 4;
      acc4x0123 = madd(acc4x0123, x4, b0123);
      acc4x4567 = madd(acc4x4567, x4, b4567);
    }
    if (rows > 5) {
      const x5 = splatLoad(a5);
      a5 += 4;
      acc5x0123 = madd(acc5x0123, x5, b0123);
      acc5x4567 = madd(acc5x4567, x5, b4567);
    }
  }
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  if (rows > 5) {
    const c5 = c + 5 * ldc;
    v128.store(c5, clamp(acc5x0123, lows, highs));
    v128.store(c5, clamp(acc5x4567, lows, highs), 16);
  }
  if (rows > 4) {
    const c4 = c + 4 * ldc;
    v128.store(c4, clamp(acc4x0123, lows, highs));
    v128.store(c4, clamp(acc4x4567, lows, highs), 16);
  }
  if (rows > 3) {
    const c3 = c + 3 * ldc;
    v128.store(c3, clamp(acc3x0123, lows, highs));
    v128.store(c3, clamp(acc3x4567, lows, highs), 16);
  }
  if (rows > 2) {
    const c2 = c + 2 * ldc;
    v128.store(c2, clamp(acc2x0123, lows, highs));
    v128.store(c2, clamp(acc2x4567, lows, highs), 16);
  }
  if (rows > 1) {
    const c1 = c + 1 * ldc;
    v128.store(c1, clamp(acc1x0123, lows, highs));
    v128.store(c1, clamp(acc1x4567, lows, highs), 16);
  }
  v128.store(c, clamp(acc0x0123, lows, highs));
  v128.store(c, clamp(acc0x4567, lows, highs), 16);
}

export function tile1x8(
  a: usize, lda: usize, b: usize, bEnd: usize, c: usize, ldc: usize,
  bias: usize, residual: usize, ldr: usize, low: f32, high: f32,
): void {
  tile(1, a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
}

export function tile2x8(
  a: usize, lda: usize, b: usize, bEnd: usize, c: usize, ldc: usize,
  bias: usize, residual: usize, ldr: usize, low: f32, high: f32,
): void {
  tile(2, a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
}

export function tile3x8(
  a: usize, lda: usize, b: usize, bEnd: usize, c: usize, ldc: usize,
  bias: usize, residual: usize, ldr: usize, low: f32, high: f32,
): void {
  tile(3, a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
}

export function tile4x8(
  a: usize, lda: usize, b: usize, bEnd: usize, c: usize, ldc: usize,
  bias: usize, residual: usize, ldr: usize, low: f32, high: f32,
): void {
  tile(4, a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
}

export function tile5x8(
  a: usize, lda: usize, b: usize, bEnd: usize, c: usize, ldc: usize,
  bias: usize, residual: usize, ldr: usize, low: f32, high: f32,
): void {
  tile(5, a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
}

export function tile6x8(
  a: usize, lda: usize, b: usize, bEnd: usize, c: usize, ldc: usize,
  bias: usize, residual: usize, ldr: usize, low: f32, high: f32,
): void {
  tile(6, a, lda, b, bEnd, c, ldc, bias, residual, ldr, low, high);
}


/** One row by four panels, `panelBytes` apart: eight accumulators hide the latency of the add. */
export function tile1x32(
  a: usize, b: usize, panelBytes: usize, c: usize, bias: usize, residual: usize, low: f32, high: f32,
): void {
  let acc0 = f32x4.splat(0);
  let acc1 = f32x4.splat(0);
  let acc2 = f32x4.splat(0);
  let acc3 = f32x4.splat(0);
  let acc4 = f32x4.splat(0);
  let acc5 = f32x4.splat(0);
  let acc6 = f32x4.splat(0);
  let acc7 = f32x4.splat(0);
  if (bias) {
    acc0 = v128.load(bias, 0);
    acc1 = v128.load(bias, 16);
    acc2 = v128.load(bias, 32);
    acc3 = v128.load(bias, 48);
    acc4 = v128.load(bias, 64);
    acc5 = v128.load(bias, 80);
    acc6 = v128.load(bias, 96);
    acc7 = v128.load(bias, 112);
  }
  if (residual) {
    acc0 = f32x4.add(acc0, v128.load(residual, 0));
    acc1 = f32x4.add(acc1, v128.load(residual, 16));
    acc2 = f32x4.add(acc2, v128.load(residual, 32));
    acc3 = f32x4.add(acc3, v128.load(residual, 48));
    acc4 = f32x4.add(acc4, v128.load(residual, 64));
    acc5 = f32x4.add(acc5, v128.load(residual, 80));
    acc6 = f32x4.add(acc6, v128.load(residual, 96));
    acc7 = f32x4.add(acc7, v128.load(residual, 112));
  }
  const bEnd = b + panelBytes;
  let b0 = b;
  let b1 = b0 + panelBytes;
  let b2 = b1 + panelBytes;
  let b3 = b2 + panelBytes;
  while (b0 < bEnd) {
    const x = splatLoad(a);
    a += 4;
    acc0 = madd(acc0, x, v128.load(b0));
    acc1 = madd(acc1, x, v128.load(b0, 16));
    acc2 = madd(acc2, x, v128.load(b1));
    acc3 = madd(acc3, x, v128.load(b1, 16));
    acc4 = madd(acc4, x, v128.load(b2));
    acc5 = madd(acc5, x, v128.load(b2, 16));
    acc6 = madd(acc6, x, v128.load(b3));
    acc7 = madd(acc7, x, v128.load(b3, 16));
    b0 += 32;
    b1 += 32;
    b2 += 32;
    b3 += 32;
  }
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  v128.store(c, clamp(acc7, lows, highs), 112);
  v128.store(c, clamp(acc6, lows, highs), 96);
  v128.store(c, clamp(acc5, lows, highs), 80);
  v128.store(c, clamp(acc4, lows, highs), 64);
  v128.store(c, clamp(acc3, lows, highs), 48);
  v128.store(c, clamp(acc2, lows, highs), 32);
  v128.store(c, clamp(acc1, lows, highs), 16);
  v128.store(c, clamp(acc0, lows, highs), 0);
}
