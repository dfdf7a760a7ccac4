import { type Codec, type NarrowOptions, ROUNDER } from "./codec.ts";
import type { AddedDType, DType } from "./dtype.ts";

const DEFAULTS: NarrowOptions = { saturate: true, roundMode: "up" };

interface FloatFormat {
  readonly mantissa: number;
  readonly bias: number;
  readonly sign: number;
  /** Bits of the greatest finite number. */
  readonly greatest: number;
  /** What out of range becomes: infinity (the bits after the greatest), NaN, or the greatest after all. */
  readonly beyond: "infinity" | "nan" | "greatest";
  /** Of the one NaN; without infinity these are what out of range gives too. */
  readonly nan: number;
  /** No negative zero: its bits are the NaN. */
  readonly unsignedZero?: boolean;
  /** Infinity comes of what is out of range whatever `saturate` says. */
  readonly unsaturated?: boolean;
}

function floatCodec(format: FloatFormat): Codec {
  const { mantissa, bias, sign, greatest, beyond, nan, unsignedZero, unsaturated } = format;
  const one = 2 ** mantissa;
  return {
    decode(bits) {
      const magnitude = bits & (sign - 1);
      const negative = (bits & sign) !== 0;
      if (unsignedZero && bits === sign) return NaN;
      if (magnitude > greatest) {
        if (beyond !== "infinity" || magnitude > greatest + 1) return NaN;
        return negative ? -Infinity : Infinity;
      }
      const exponent = Math.max(magnitude >> mantissa, 1);
      const value = (magnitude - (exponent - 1) * one) * 2 ** (exponent - bias - mantissa);
      return negative ? -value : value;
    },
    encode(value, { saturate } = DEFAULTS) {
      if (Number.isNaN(value)) return nan;
      const signed = value < 0 || Object.is(value, -0) ? sign : 0;
      const size = Math.abs(value);
      // A size just below a power of two may count as that power: it rounds to it either way.
      const exponent = size === 0 ? 1 - bias : Math.max(Math.floor(Math.log2(size)), 1 - bias);
      const steps = size * 2 ** (mantissa - exponent) + ROUNDER - ROUNDER;
      const bits = (exponent + bias - 1) * one + steps;
      // (an infinite size gives NaN)
      if (bits <= greatest) return bits === 0 && unsignedZero ? 0 : signed | bits;
      if (beyond === "greatest" || (saturate && !unsaturated)) return signed | greatest;
      return signed | (beyond === "infinity" ? greatest + 1 : nan);
    },
  };
}

/** Powers of two alone, with neither sign nor zero. */
const powersOfTwo: Codec = {
  decode: (bits) => (bits === 255 ? NaN : 2 ** (bits - 127)),
  encode(value, { saturate, roundMode } = DEFAULTS) {
    if (Number.isNaN(value) || value < 0) return 255;
    let exponent = Math.floor(Math.log2(value));
    if (2 ** exponent > value) exponent--;
    const part = value / 2 ** exponent;
    if (roundMode === "up" ? part > 1 : roundMode === "nearest" && part >= 1.5) exponent++;
    const bits = exponent + 127;
    if (bits >= 0 && bits <= 254) return bits;
    return saturate ? (bits < 0 ? 0 : 254) : 255;
  },
};

const integerCodec = (bits: number, signed: boolean): Codec => {
  const shift = 32 - bits;
  return {
    decode: (value) => value,
    encode: signed ? (value) => (value << shift) >> shift : (value) => (value << shift) >>> shift,
  };
};

const float8 = (onnx: number, codec: Codec): AddedDType => ({
  bytes: 1,
  kind: "narrow",
  onnx,
  array: Uint8Array,
  bits: 8,
  codec,
});

const integer = (onnx: number, bits: number, signed: boolean): AddedDType => ({
  bytes: 1,
  kind: "narrow",
  onnx,
  array: signed ? Int8Array : Uint8Array,
  bits,
  codec: integerCodec(bits, signed),
});

const E4M3 = { mantissa: 3, sign: 128 } as const;
const E5M2 = { mantissa: 2, sign: 128 } as const;
const FNUZ = { greatest: 0x7f, beyond: "nan", nan: 128, unsignedZero: true } as const;

/**
 * The dtypes that vision networks do without: 8-bit and 4-bit floats, 4-bit and 2-bit integers.
 * https://onnx.ai/onnx/technical/float8.html, float4.html, int4.html, int2.html
 */
export const NARROW_DTYPES: Readonly<Partial<Record<DType, AddedDType>>> = {
  float8e4m3fn: float8(17, floatCodec({ ...E4M3, bias: 7, greatest: 0x7e, beyond: "nan", nan: 0x7f })),
  float8e4m3fnuz: float8(18, floatCodec({ ...E4M3, ...FNUZ, bias: 8 })),
  float8e5m2: float8(19, floatCodec({ ...E5M2, bias: 15, greatest: 0x7b, beyond: "infinity", nan: 0x7f })),
  float8e5m2fnuz: float8(20, floatCodec({ ...E5M2, ...FNUZ, bias: 16 })),
  float8e8m0: float8(24, powersOfTwo),
  float4e2m1: {
    ...float8(23, floatCodec({ mantissa: 1, bias: 1, sign: 8, greatest: 7, beyond: "greatest", nan: 7 })),
    bits: 4,
  },
  int4: integer(22, 4, true),
  uint4: integer(21, 4, false),
  int2: integer(26, 2, true),
  uint2: integer(25, 2, false),
};
