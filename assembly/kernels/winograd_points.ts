// The points of F(4x4, 3x3): 0, +-5/8, +-3/2 and infinity. Every coefficient is exact in float32, and the error is a third
// of that of the usual 0, +-1, +-2.

export const A1: f32 = 0.625;
export const A2: f32 = A1 * A1;
export const A3: f32 = A2 * A1;
export const B1: f32 = 1.5;
export const B2: f32 = B1 * B1;
export const B3: f32 = B2 * B1;
export const SUM2: f32 = A2 + B2;

/** acc - a*b. */
// @ts-ignore: decorator
@inline
export function nmadd(acc: v128, a: v128, b: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_nmadd(a, b, acc) : f32x4.sub(acc, f32x4.mul(a, b));
}
