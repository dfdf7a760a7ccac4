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

/** Odd rational approximation (coefficients of Eigen's ptanh). */
// @ts-ignore: decorator
@inline
export function tanhV(x: v128): v128 {
  const t = clamp(x, f4(-9), f4(9));
  const s = f32x4.mul(t, t);
  let p = horner(f4(-2.76076847742355e-16), s, 2.00018790482477e-13);
  p = horner(p, s, -8.60467152213735e-11);
  p = horner(p, s, 5.12229709037114e-8);
  p = horner(p, s, 1.48572235717979e-5);
  p = horner(p, s, 6.37261928875436e-4);
  p = horner(p, s, 4.89352455891786e-3);
  let q = horner(f4(1.19825839466702e-6), s, 1.18534705686654e-4);
  q = horner(q, s, 2.268434632439e-3);
  q = horner(q, s, 4.89352518554385e-3);
  return clamp(f32x4.div(f32x4.mul(t, p), q), f4(-1), f4(1));
}

/** Odd rational approximation (coefficients of XLA's erf). */
// @ts-ignore: decorator
@inline
export function erfV(x: v128): v128 {
  const t = clamp(x, f4(-4), f4(4));
  const s = f32x4.mul(t, t);
  let p = horner(f4(-2.72614225801306e-10), s, 2.77068142495902e-8);
  p = horner(p, s, -2.10102402082508e-6);
  p = horner(p, s, -5.69250639462346e-5);
  p = horner(p, s, -7.34990630326855e-4);
  p = horner(p, s, -2.95459980854025e-3);
  p = horner(p, s, -1.60960333262415e-2);
  let q = horner(f4(-1.45660718464996e-5), s, -2.13374055278905e-4);
  q = horner(q, s, -1.68282697438203e-3);
  q = horner(q, s, -7.37332916720468e-3);
  q = horner(q, s, -1.42647390514189e-2);
  return clamp(f32x4.div(f32x4.mul(t, p), q), f4(-1), f4(1));
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
