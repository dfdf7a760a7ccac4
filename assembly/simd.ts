/** The one multiply-add: a*b + acc. Fused in the relaxed build, two roundings in the plain one. */
// @ts-ignore: decorator
@inline
export function madd(acc: v128, a: v128, b: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, acc) : f32x4.add(acc, f32x4.mul(a, b));
}

/** One f32 in all four lanes. */
// @ts-ignore: decorator
@inline
export function splatLoad(pointer: usize): v128 {
  return v128.load32_splat(pointer);
}

/** Clamps to [low, high]. The value is the first operand of pmax and pmin, so NaN passes through, as does -0 at low = +0. */
// @ts-ignore: decorator
@inline
export function clamp(value: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(value, low), high);
}

/** Stores the first `lanes` (1 to 4) lanes. */
// @ts-ignore: decorator
@inline
export function storeLanes(pointer: usize, value: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(pointer, value);
    return;
  }
  f32.store(pointer, f32x4.extract_lane(value, 0));
  if (lanes > 1) f32.store(pointer, f32x4.extract_lane(value, 1), 4);
  if (lanes > 2) f32.store(pointer, f32x4.extract_lane(value, 2), 8);
}

/** The first of `count` items that share `part` of `parts` begins with; ends where `part + 1` begins. */
// @ts-ignore: decorator
@inline
export function shareBegin(count: i32, part: i32, parts: i32): i32 {
  return <i32>((<i64>count * part) / parts);
}
