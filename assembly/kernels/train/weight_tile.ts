// The register tile of weight gradients: a product whose reduction runs down the rows of both operands,
// sum[k][8] = Σ over pixels of a[pixel][k] * b[pixel][8], held in registers for a run of pixels.
import { madd } from "../../simd";

/** What the tile reads of `a` in a row: as gemm_tile's rows, as many as leave no accumulator spilled. */
export const TILE_DEPTH: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/**
 * Adds the sums of the rows from b up to bEnd to sum[depth][8], or writes them where `fresh`. Strides are in bytes;
 * `depth` is a literal. Each run is summed from 0 on, so that the error of a long reduction grows with its runs.
 * Stored last to first, for the reason given in gemm_tile.ts.
 */
// @ts-ignore: decorator
@inline
function tile(depth: i32, a: usize, lda: usize, b: usize, ldb: usize, bEnd: usize, sum: usize, fresh: bool): void {
  let acc0x0123 = f32x4.splat(0);
  let acc0x4567 = f32x4.splat(0);
  let acc1x0123 = f32x4.splat(0);
  let acc1x4567 = f32x4.splat(0);
  let acc2x0123 = f32x4.splat(0);
  let acc2x4567 = f32x4.splat(0);
  let acc3x0123 = f32x4.splat(0);
  let acc3x4567 = f32x4.splat(0);
  let acc4x0123 = f32x4.splat(0);
  let acc4x4567 = f32x4.splat(0);
  let acc5x0123 = f32x4.splat(0);
  let acc5x4567 = f32x4.splat(0);
  while (b < bEnd) {
    const b0123 = v128.load(b);
    const b4567 = v128.load(b, 16);
    b += ldb;
    const x0 = v128.load32_splat(a, 0);
    acc0x0123 = madd(acc0x0123, x0, b0123);
    acc0x4567 = madd(acc0x4567, x0, b4567);
    if (depth > 1) {
      const x1 = v128.load32_splat(a, 4);
      acc1x0123 = madd(acc1x0123, x1, b0123);
      acc1x4567 = madd(acc1x4567, x1, b4567);
    }
    if (depth > 2) {
      const x2 = v128.load32_splat(a, 8);
      acc2x0123 = madd(acc2x0123, x2, b0123);
      acc2x4567 = madd(acc2x4567, x2, b4567);
    }
    if (depth > 3) {
      const x3 = v128.load32_splat(a, 12);
      acc3x0123 = madd(acc3x0123, x3, b0123);
      acc3x4567 = madd(acc3x4567, x3, b4567);
    }
    if (depth > 4) {
      const x4 = v128.load32_splat(a, 16);
      acc4x0123 = madd(acc4x0123, x4, b0123);
      acc4x4567 = madd(acc4x4567, x4, b4567);
    }
    if (depth > 5) {
      const x5 = v128.load32_splat(a, 20);
      acc5x0123 = madd(acc5x0123, x5, b0123);
      acc5x4567 = madd(acc5x4567, x5, b4567);
    }
    a += lda;
  }
  if (!fresh) {
    acc0x0123 = f32x4.add(acc0x0123, v128.load(sum, 0));
    acc0x4567 = f32x4.add(acc0x4567, v128.load(sum, 16));
    if (depth > 1) {
      acc1x0123 = f32x4.add(acc1x0123, v128.load(sum, 32));
      acc1x4567 = f32x4.add(acc1x4567, v128.load(sum, 48));
    }
    if (depth > 2) {
      acc2x0123 = f32x4.add(acc2x0123, v128.load(sum, 64));
      acc2x4567 = f32x4.add(acc2x4567, v128.load(sum, 80));
    }
    if (depth > 3) {
      acc3x0123 = f32x4.add(acc3x0123, v128.load(sum, 96));
      acc3x4567 = f32x4.add(acc3x4567, v128.load(sum, 112));
    }
    if (depth > 4) {
      acc4x0123 = f32x4.add(acc4x0123, v128.load(sum, 128));
      acc4x4567 = f32x4.add(acc4x4567, v128.load(sum, 144));
    }
    if (depth > 5) {
      acc5x0123 = f32x4.add(acc5x0123, v128.load(sum, 160));
      acc5x4567 = f32x4.add(acc5x4567, v128.load(sum, 176));
    }
  }
  if (depth > 5) {
    v128.store(sum, acc5x0123, 160);
    v128.store(sum, acc5x4567, 176);
  }
  if (depth > 4) {
    v128.store(sum, acc4x0123, 128);
    v128.store(sum, acc4x4567, 144);
  }
  if (depth > 3) {
    v128.store(sum, acc3x0123, 96);
    v128.store(sum, acc3x4567, 112);
  }
  if (depth > 2) {
    v128.store(sum, acc2x0123, 64);
    v128.store(sum, acc2x4567, 80);
  }
  if (depth > 1) {
    v128.store(sum, acc1x0123, 32);
    v128.store(sum, acc1x4567, 48);
  }
  v128.store(sum, acc0x0123, 0);
  v128.store(sum, acc0x4567, 16);
}

export function weight_tile_1x8(a: usize, lda: usize, b: usize, ldb: usize, bEnd: usize, sum: usize, fresh: bool): void {
  tile(1, a, lda, b, ldb, bEnd, sum, fresh);
}

export function weight_tile_2x8(a: usize, lda: usize, b: usize, ldb: usize, bEnd: usize, sum: usize, fresh: bool): void {
  tile(2, a, lda, b, ldb, bEnd, sum, fresh);
}

export function weight_tile_3x8(a: usize, lda: usize, b: usize, ldb: usize, bEnd: usize, sum: usize, fresh: bool): void {
  tile(3, a, lda, b, ldb, bEnd, sum, fresh);
}

export function weight_tile_4x8(a: usize, lda: usize, b: usize, ldb: usize, bEnd: usize, sum: usize, fresh: bool): void {
  tile(4, a, lda, b, ldb, bEnd, sum, fresh);
}

export function weight_tile_5x8(a: usize, lda: usize, b: usize, ldb: usize, bEnd: usize, sum: usize, fresh: bool): void {
  tile(5, a, lda, b, ldb, bEnd, sum, fresh);
}

export function weight_tile_6x8(a: usize, lda: usize, b: usize, ldb: usize, bEnd: usize, sum: usize, fresh: bool): void {
  tile(6, a, lda, b, ldb, bEnd, sum, fresh);
}

/** sum[k][8] of `count` rows of a[k] and b[8], in tiles as even as they can be. Strides are in bytes. */
export function sumProducts(
  count: i32, k: i32, a: usize, lda: usize, b: usize, ldb: usize, sum: usize, fresh: bool,
): void {
  const bEnd = b + <usize>count * ldb;
  const tiles = (k + TILE_DEPTH - 1) / TILE_DEPTH;
  let at = 0;
  for (let t = 1; t <= tiles; t++) {
    const next = t * k / tiles;
    const depth = next - at;
    const column = a + (<usize>at << 2);
    const to = sum + (<usize>at << 5);
    if (TILE_DEPTH > 5 && depth == 6) weight_tile_6x8(column, lda, b, ldb, bEnd, to, fresh);
    else if (depth == 5) weight_tile_5x8(column, lda, b, ldb, bEnd, to, fresh);
    else if (depth == 4) weight_tile_4x8(column, lda, b, ldb, bEnd, to, fresh);
    else if (depth == 3) weight_tile_3x8(column, lda, b, ldb, bEnd, to, fresh);
    else if (depth == 2) weight_tile_2x8(column, lda, b, ldb, bEnd, to, fresh);
    else weight_tile_1x8(column, lda, b, ldb, bEnd, to, fresh);
    at = next;
  }
}
