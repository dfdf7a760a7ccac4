// The register tiles of every int8 product: sums of int16 pairs in int32. Numbers are widened beforehand (i8_widen.ts), two
// neighbours in K and five rows together, so that a step of the loop takes two of K from one pointer each:
//
//   a   r0k0 r0k1 r1k0 r1k1 ... r4k0 r4k1 | r0k2 ...      five 32-bit splats a step
//   b   c0k0 c0k1 c1k0 c1k1 ... c7k0 c7k1 | c0k2 ...      two vectors a step

/** Rows of the full tile: what 15 vector registers hold, the product being a temporary. */
export const I8_TILE_ROWS: i32 = 5;

// @ts-ignore: decorator
@inline
function addDot(acc: v128, a: v128, b: v128): v128 {
  return i32x4.add(acc, i32x4.dot_i16x8_s(a, b));
}

/** c[5][8] = a * b + bias[8]; b ends at bEnd, c is dense. Rows are stored last to first: see gemm_tile.ts. */
export function i8tile5x8(a: usize, b: usize, bEnd: usize, c: usize, bias: usize): void {
  let acc0x0123 = v128.load(bias);
  let acc0x4567 = v128.load(bias, 16);
  let acc1x0123 = acc0x0123;
  let acc1x4567 = acc0x4567;
  let acc2x0123 = acc0x0123;
  let acc2x4567 = acc0x4567;
  let acc3x0123 = acc0x0123;
  let acc3x4567 = acc0x4567;
  let acc4x0123 = acc0x0123;
  let acc4x4567 = acc0x4567;
  while (b < bEnd) {
    const b0123 = v128.load(b);
    const b4567 = v128.load(b, 16);
    b += 32;
    const x0 = v128.load32_splat(a);
    acc0x0123 = addDot(acc0x0123, x0, b0123);
    acc0x4567 = addDot(acc0x4567, x0, b4567);
    const x1 = v128.load32_splat(a, 4);
    acc1x0123 = addDot(acc1x0123, x1, b0123);
    acc1x4567 = addDot(acc1x4567, x1, b4567);
    const x2 = v128.load32_splat(a, 8);
    acc2x0123 = addDot(acc2x0123, x2, b0123);
    acc2x4567 = addDot(acc2x4567, x2, b4567);
    const x3 = v128.load32_splat(a, 12);
    acc3x0123 = addDot(acc3x0123, x3, b0123);
    acc3x4567 = addDot(acc3x4567, x3, b4567);
    const x4 = v128.load32_splat(a, 16);
    acc4x0123 = addDot(acc4x0123, x4, b0123);
    acc4x4567 = addDot(acc4x4567, x4, b4567);
    a += 20;
  }
  v128.store(c, acc4x0123, 128);
  v128.store(c, acc4x4567, 144);
  v128.store(c, acc3x0123, 96);
  v128.store(c, acc3x4567, 112);
  v128.store(c, acc2x0123, 64);
  v128.store(c, acc2x4567, 80);
  v128.store(c, acc1x0123, 32);
  v128.store(c, acc1x4567, 48);
  v128.store(c, acc0x0123);
  v128.store(c, acc0x4567, 16);
}

/** One row by itself: a is dense. */
export function i8tile1x8(a: usize, b: usize, bEnd: usize, c: usize, bias: usize): void {
  let acc0x0123 = v128.load(bias);
  let acc0x4567 = v128.load(bias, 16);
  while (b < bEnd) {
    const x0 = v128.load32_splat(a);
    acc0x0123 = addDot(acc0x0123, x0, v128.load(b));
    acc0x4567 = addDot(acc0x4567, x0, v128.load(b, 16));
    a += 4;
    b += 32;
  }
  v128.store(c, acc0x0123);
  v128.store(c, acc0x4567, 16);
}
