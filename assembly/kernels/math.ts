// Elementary functions of four lanes: within a few ulp, and right for ±0, ±∞ and NaN. In pmin(x, c) and
// pmax(x, c) the operand that may be NaN comes first, so that it is the result.
import { clamp, madd } from "../simd";

const LOG2E: f32 = 1.4426950408889634;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444e-4;
const ROUND: f32 = 12582912; // 1.5·2^23: adding it leaves the nearest integer in the low bits
const ROUND_BITS: i32 = 0x4b400000;

// @ts-ignore: decorator
@inline
export function f4(x: f32): v128 {
  return f32x4.splat(x);
}

/** One step of Horner's rule: p·x + c. */
// @ts-ignore: decorator
@inline
function horner(p: v128, x: v128, c: f32): v128 {
  return madd(f4(c), p, x);
}

// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** exp(x - n·ln(2)) - 1 for the n nearest to x/ln(2) (Cephes expf). */
// @ts-ignore: decorator
@inline
function expm1Reduced(x: v128, n: v128): v128 {
  const r = madd(madd(x, n, f4(-LN2_HIGH)), n, f4(-LN2_LOW));
  let p = horner(f4(1.98756915e-4), r, 1.3981999507e-3);
  p = horner(p, r, 8.3334519073e-3);
  p = horner(p, r, 4.1665795894e-2);
  p = horner(p, r, 1.6666665459e-1);
  p = horner(p, r, 5.0000001201e-1);
  return madd(r, p, f32x4.mul(r, r));
}

/** Two factors of about 2^(n/2), so that results below 2^-126 come out denormal instead of zero. */
// @ts-ignore: decorator
@inline
export function expV(x: v128): v128 {
  const t = clamp(x, f4(-104), f4(89));
  const shifted = horner(t, f4(LOG2E), ROUND);
  const y = f32x4.add(expm1Reduced(t, f32x4.sub(shifted, f4(ROUND))), f4(1));
  const n = i32x4.sub(shifted, i32x4.splat(ROUND_BITS));
  const half = i32x4.shr_s(n, 1);
  return f32x4.mul(f32x4.mul(y, powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half)));
}

/** exp(x) for x <= 0, zero below -87: cheaper, where a denormal is as good as nothing. */
// @ts-ignore: decorator
@inline
export function expNegativeV(x: v128): v128 {
  const t = f32x4.pmax(x, f4(-88));
  const shifted = horner(t, f4(LOG2E), ROUND);
  const scale = powerOfTwo(i32x4.sub(shifted, i32x4.splat(ROUND_BITS)));
  return madd(scale, expm1Reduced(t, f32x4.sub(shifted, f4(ROUND))), scale);
}

/** exp(x) - 1 for x <= 0, without cancellation. */
// @ts-ignore: decorator
@inline
export function expm1NegativeV(x: v128): v128 {
  const t = f32x4.pmax(x, f4(-20));
  const shifted = horner(t, f4(LOG2E), ROUND);
  const scale = powerOfTwo(i32x4.sub(shifted, i32x4.splat(ROUND_BITS)));
  const q = expm1Reduced(t, f32x4.sub(shifted, f4(ROUND)));
  return madd(f32x4.sub(scale, f4(1)), q, scale);
}

/** log(1 + f) + e·ln(2) for f in [sqrt(1/2) - 1, sqrt(2) - 1] (Cephes logf). */
// @ts-ignore: decorator
@inline
function logReduced(f: v128, e: v128): v128 {
  let p = horner(f4(7.0376836292e-2), f, -1.151461031e-1);
  p = horner(p, f, 1.167699874e-1);
  p = horner(p, f, -1.2420140846e-1);
  p = horner(p, f, 1.4249322787e-1);
  p = horner(p, f, -1.6668057665e-1);
  p = horner(p, f, 2.0000714765e-1);
  p = horner(p, f, -2.4999993993e-1);
  p = horner(p, f, 3.3333331174e-1);
  const z = f32x4.mul(f, f);
  p = madd(f32x4.mul(f32x4.mul(p, f), z), e, f4(LN2_LOW));
  p = madd(p, z, f4(-0.5));
  return madd(f32x4.add(f, p), e, f4(LN2_HIGH));
}

// @ts-ignore: decorator
@inline
export function logV(x: v128): v128 {
  const tiny = f32x4.lt(x, f4(1.17549435e-38));
  const t = v128.bitselect(f32x4.mul(x, f4(8388608)), x, tiny);
  const bits = i32x4.sub(t, i32x4.splat(0x3f3504f3)); // of sqrt(1/2): the mantissa is to lie in [sqrt(1/2), sqrt(2))
  const n = i32x4.sub(i32x4.shr_s(bits, 23), v128.and(tiny, i32x4.splat(23)));
  const mantissa = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const y = logReduced(f32x4.sub(mantissa, f4(1)), f32x4.convert_i32x4_s(n));
  // x·sqrt(x) is NaN below zero and for NaN, and ∞ for ∞.
  const special = v128.bitselect(f4(-Infinity), f32x4.mul(x, f32x4.sqrt(x)), f32x4.eq(x, f4(0)));
  return v128.bitselect(y, special, v128.and(f32x4.gt(x, f4(0)), f32x4.lt(x, f4(Infinity))));
}

/** Zero below -88. */
// @ts-ignore: decorator
@inline
export function sigmoidV(x: v128): v128 {
  const e = expNegativeV(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(e, f4(1), f32x4.lt(x, f4(0)));
  return f32x4.div(numerator, f32x4.add(e, f4(1)));
}

/** Odd rational approximation (coefficients of Eigen's ptanh, times 2^8: a denormal x keeps its bits). */
// @ts-ignore: decorator
@inline
export function tanhV(x: v128): v128 {
  const t = clamp(x, f4(-9), f4(9));
  const s = f32x4.mul(t, t);
  let p = horner(f4(-7.067567302204288e-14), s, 5.120481036351411e-11);
  p = horner(p, s, -2.2027959096671616e-08);
  p = horner(p, s, 1.3113080551350119e-05);
  p = horner(p, s, 3.8034492343802626e-3);
  p = horner(p, s, 0.1631390537921116);
  p = horner(p, s, 1.252742287082972);
  let q = horner(f4(0.0003067541490347571), s, 0.030344884655783423);
  q = horner(q, s, 0.580719265904384);
  q = horner(q, s, 1.2527424474992257);
  return clamp(f32x4.div(f32x4.mul(t, p), q), f4(-1), f4(1));
}

/** Odd rational approximation (coefficients of XLA's erf, times 2^6: a denormal x keeps its bits). */
// @ts-ignore: decorator
@inline
export function erfV(x: v128): v128 {
  const t = clamp(x, f4(-4), f4(4));
  const s = f32x4.mul(t, t);
  let p = horner(f4(-1.7447310451283584e-08), s, 1.7732361119737728e-06);
  p = horner(p, s, -0.00013446553733280513);
  p = horner(p, s, -0.0036432040925590144);
  p = horner(p, s, -0.04703940034091872);
  p = horner(p, s, -0.189094387746576);
  p = horner(p, s, -1.030146132879456);
  let q = horner(f4(-0.0009322285981759744), s, -0.01365593953784992);
  q = horner(q, s, -0.10770092636044992);
  q = horner(q, s, -0.47189306670109954);
  q = horner(q, s, -0.9129432992908096);
  return clamp(f32x4.div(f32x4.mul(t, p), q), f4(-1), f4(1));
}

/**
 * The normal distribution, (1 + erf(x/√2))/2, whose lower tail that sum would cancel: exp(-x²/2)·p/q by a fit of Mills'
 * ratio to 5e-9, zero below -13.25. `rest` is what rounding takes from x², worth up to 60 ulp in the tail. exp is a
 * quotient too (Padé), so that there is one division.
 */
// @ts-ignore: decorator
@inline
export function normalV(x: v128): v128 {
  const a = f32x4.pmin(f32x4.abs(x), f4(13.27)); // where the power of two is 2^-127, whose bits are those of 0
  let square = f32x4.mul(a, a);
  let rest = square;
  if (ASC_FEATURE_RELAXED_SIMD) {
    rest = f32x4.relaxed_madd(a, a, f32x4.neg(square));
  } else {
    const high = v128.and(a, i32x4.splat(0xfffff000));
    square = f32x4.mul(high, high);
    rest = f32x4.mul(f32x4.sub(a, high), f32x4.add(a, high));
  }
  const shifted = horner(square, f4(0.5 * LOG2E), ROUND);
  const n = f32x4.sub(shifted, f4(ROUND));
  const scale = i32x4.shl(i32x4.sub(i32x4.splat(127 + ROUND_BITS), shifted), 23);
  let r = madd(madd(square, n, f4(-2 * LN2_HIGH)), n, f4(-2 * LN2_LOW));
  r = f32x4.add(r, rest);
  const r2 = f32x4.mul(r, r);
  const even = horner(r2, f4(24), 960);
  const odd = f32x4.mul(f32x4.add(r2, f4(240)), r);
  let p = horner(f4(4.02015679491e-3), a, 3.99839548596e-2);
  p = horner(p, a, 1.81306130562e-1);
  p = horner(p, a, 4.35685497213e-1);
  p = horner(p, a, 5.00000002488e-1);
  let q = horner(f4(1.00768954706e-2), a, 1.00232293163e-1);
  q = horner(q, a, 4.64378670266e-1);
  q = horner(q, a, 1.19448164644);
  q = horner(q, a, 1.66925591349);
  q = horner(q, a, 1);
  p = f32x4.mul(f32x4.mul(p, scale), f32x4.sub(even, odd));
  const tail = f32x4.div(p, f32x4.mul(q, f32x4.add(even, odd)));
  return v128.bitselect(tail, f32x4.sub(f4(1), tail), f32x4.lt(x, f4(0)));
}

/** log(1 + exp(x)). */
// @ts-ignore: decorator
@inline
export function softplusV(x: v128): v128 {
  const u = expNegativeV(f32x4.neg(f32x4.abs(x)));
  const upper = f32x4.gt(u, f4(0.41421356));
  const f = v128.bitselect(f32x4.mul(f32x4.sub(u, f4(1)), f4(0.5)), u, upper);
  return f32x4.add(f32x4.pmax(x, f4(0)), logReduced(f, v128.and(upper, f4(1))));
}
