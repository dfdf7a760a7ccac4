// Sine and cosine of a float32, computed in float64: within half an ulp and a bit, however large the angle.

// Polynomials on [-π/4, π/4], from FreeBSD's k_sinf.c and k_cosf.c.
const S1: f64 = -0.166666666416265235595;
const S2: f64 = 0.0083333293858894631756;
const S3: f64 = -0.000198393348360966317347;
const S4: f64 = 0.0000027183114939898219064;
const C1: f64 = -0.499999997251031003120;
const C2: f64 = 0.0416666233237390631894;
const C3: f64 = -0.00138867637746099294692;
const C4: f64 = 0.0000243904487962774090654;

const QUARTER: f64 = 1.5707963267948966;
/** The first 28 digits of π/2: a whole number of them below 2^25 is exact. */
const QUARTER_HIGH: f64 = 1.570796325802803;
const QUARTER_LOW: f64 = 9.920935796805404e-10;

/** The exponent, as it is stored, of 2^25. */
const FAR: u32 = 152;
/** The digits of 2/π behind the point, 8 a byte. */
const QUARTERS_BY_ANGLE: usize = memory.data<u8>([
  0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57, 0xd1, 0xf5, 0x34, 0xdd, 0xc0, 0xdb, 0x62, 0x95, 0x99,
  0x3c, 0x43, 0x90, 0x41, 0xfe, 0x51,
]);

/** sin(x + quarters·π/2). */
export function sine(x: f32, quarters: i32): f32 {
  const bits = reinterpret<u32>(x) & 0x7fffffff;
  const exponent = bits >> 23;
  let rest: f64;
  if (exponent == 255) return NaN;
  if (exponent < FAR) {
    const turned = nearest(<f64>x * (1 / QUARTER)) + 0; // -0 would take the sign of x = -0
    rest = <f64>x - turned * QUARTER_HIGH - turned * QUARTER_LOW;
    quarters += <i32>turned;
  } else {
    // Quarter turns modulo 4, 62 digits behind the point: of 2/π only digits that matter are multiplied (Payne and Hanek).
    const mantissa = <u64>((bits & 0x7fffff) | 0x800000);
    const skipped = exponent - FAR;
    const at = QUARTERS_BY_ANGLE + (skipped >> 3);
    const within = <u64>(skipped & 7);
    const high = (bswap(load<u64>(at)) << within) | (<u64>load<u8>(at, 8) >> (8 - within));
    const low = (<u64>bswap(load<u32>(at, 8)) << within) & 0xffffffff;
    const turned = <i64>(mantissa * high + ((mantissa * low) >> 32));
    const whole = (turned + (1 << 61)) >> 62;
    rest = <f64>(turned - (whole << 62)) * (QUARTER / 4611686018427387904.0);
    if (x < 0) rest = -rest;
    quarters += x < 0 ? -(<i32>whole) : <i32>whole;
  }
  const z = rest * rest;
  let y: f64;
  if (quarters & 1) y = 1 + z * (C1 + z * (C2 + z * (C3 + z * C4)));
  else y = rest + rest * z * (S1 + z * (S2 + z * (S3 + z * S4)));
  return <f32>(quarters & 2 ? -y : y);
}
