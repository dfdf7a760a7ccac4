// The register tiles of every int8 product: sums of int16 pairs in int32. Numbers are widened beforehand, so that a step
// of the loop takes two of K at once:
//
//   a[row]   k0 k1 | k2 k3 | ...                        one 32-bit splat a step
//   b        c0k0 c0k1 c1k0 c1k1 ... c7k0 c7k1 | ...    two vectors a step

/** Rows of the full tile: what 15 vector registers hold, the product being a temporary. */
export const I8_TILE_ROWS: i32 = 5;

// @ts-ignore: decorator
@inline
function addDot(acc: v128, a: v128, b: v128): v128 {
  return i32x4.add(acc, i32x4.dot_i16x8_s(a, b));
}

/**
 * c[rows][8] = a[rows][k] * b + bias[8], `rows` a literal 1 or 5; lda in bytes, b ends at bEnd, c is dense.
 *
 * Rows are stored first to last: in the other order TurboFan hoists the splats of its unrolled steps and spills
 * (110 -> 55 GOP/s).
 */
// @ts-ignore: decorator
@inline
function tile(rows: i32, a: usize, lda: usize, b: usize, bEnd: usize, c: usize, bias: usize): void {
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
  let a0 = a;
  let a1 = a0 + lda;
  let a2 = a1 + lda;
  let a3 = a2 + lda;
  let a4 = a3 + lda;
  while (b < bEnd) {
    const b0123 = v128.load(b);
    const b4567 = v128.load(b, 16);
    b += 32;
    const x0 = v128.load32_splat(a0);
    a0 += 4;
    acc0x0123 = addDot(acc0x0123, x0, b0123);
    acc0x4567 = addDot(acc0x4567, x0, b4567);
    if (rows > 1) {
      const x1 = v128.load32_splat(a1);
      a1 += 4;
      acc1x0123 = addDot(acc1x0123, x1, b0123);
      acc1x4567 = addDot(acc1x4567, x1, b4567);
      const x2 = v128.load32_splat(a2);
      a2 += 4;
      acc2x0123 = addDot(acc2x0123, x2, b0123);
      acc2x4567 = addDot(acc2x4567, x2, b4567);
      const x3 = v128.load32_splat(a3);
      a3 += 4;
      acc3x0123 = addDot(acc3x0123, x3, b0123);
      acc3x4567 = addDot(acc3x4567, x3, b4567);
      const x4 = v128.load32_splat(a4);
      a4 += 4;
      acc4x0123 = addDot(acc4x0123, x4, b0123);
      acc4x4567 = addDot(acc4x4567, x4, b4567);
    }
  }
  v128.store(c, acc0x0123);
  v128.store(c, acc0x4567, 16);
  if (rows > 1) {
    v128.store(c, acc1x0123, 32);
    v128.store(c, acc1x4567, 48);
    v128.store(c, acc2x0123, 64);
    v128.store(c, acc2x4567, 80);
    v128.store(c, acc3x0123, 96);
    v128.store(c, acc3x4567, 112);
    v128.store(c, acc4x0123, 128);
    v128.store(c, acc4x4567, 144);
  }
}

export function i8tile1x8(a: usize, b: usize, bEnd: usize, c: usize, bias: usize): void {
  tile(1, a, 0, b, bEnd, c, bias);
}

export function i8tile5x8(a: usize, lda: usize, b: usize, bEnd: usize, c: usize, bias: usize): void {
  tile(5, a, lda, b, bEnd, c, bias);
}
