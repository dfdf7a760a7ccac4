// Powers of float32, computed in float64 as 2^(b·log2(a)): within half an ulp and a bit.

const TWO_BY_LN2: f64 = 2.8853900817779268;
const LN2: f64 = 0.6931471805599453;
/** The bits of √½: mantissas are taken between it and √2. */
const ROOT_BITS: i64 = 0x3fe6a09e667f3bcd;
/** log(m) = 2·(s + s³/3 + …) with s = (m - 1) / (m + 1), |s| < 0.172: what is left out is below 2^-39 of it. */
const LAST_TERM: i32 = 13;

function log2(x: f64): f64 {
  if (x == 0) return -Infinity;
  if (x == Infinity) return x;
  const bits = reinterpret<i64>(x);
  const exponent = (bits - ROOT_BITS) >> 52;
  const m = reinterpret<f64>(bits - (exponent << 52));
  const s = (m - 1) / (m + 1);
  let sum: f64 = 0;
  for (let term = LAST_TERM; term > 0; term -= 2) sum = sum * (s * s) + 1 / <f64>term;
  return <f64>exponent + s * sum * TWO_BY_LN2;
}

/** e^r for |r| < 0.35: of a sixteenth of it, to the 16th power. */
function exp2(x: f64): f64 {
  const bounded = min(max(x, -200), 200);
  const whole = nearest(bounded);
  const r = (bounded - whole) * (LN2 / 16);
  let y = 1 + r * (1 + r * 0.5 * (1 + r * (1 / 3.0) * (1 + r * 0.25)));
  y *= y;
  y *= y;
  y *= y;
  return y * y * reinterpret<f64>((<i64>whole + 1023) << 52);
}

/** C's pow: unlike JavaScript's it is 1 for base 1 whatever the exponent, and for -1 to the power of ±∞. */
export function power(a: f32, b: f32): f32 {
  if (a == 1 || b == 0 || (a == -1 && abs(b) == Infinity)) return 1;
  if (a != a || b != b) return NaN;
  const size = <f32>exp2(<f64>b * log2(<f64>abs(a)));
  if (!(reinterpret<u32>(a) >> 31)) return size;
  // Of whatever is negative: whole exponents, and what 0 and ∞ give.
  if (trunc(b) != b) return a == 0 || a == -Infinity ? size : NaN;
  return trunc(b * 0.5) * 2 == b ? size : -size;
}
