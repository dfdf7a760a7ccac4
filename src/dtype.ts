import type { Codec } from "./codec.ts";

/**
 * The array that holds elements of each dtype: float16, bfloat16 and the narrower floats as their bits, bool as 0 and 1,
 * integers as themselves. What is narrower than a byte takes one byte an element here, and is packed in files only.
 */
export interface DataTypeMap {
  /** 32-bit floats. */
  float32: Float32Array;
  /** 16-bit floats (IEEE 754 binary16), as their bits. */
  float16: Uint16Array;
  /** 64-bit floats. */
  float64: Float64Array;
  /** 8-bit integers. */
  int8: Int8Array;
  /** 8-bit integers without a sign. */
  uint8: Uint8Array;
  /** 16-bit integers. */
  int16: Int16Array;
  /** 16-bit integers without a sign. */
  uint16: Uint16Array;
  /** 32-bit integers. */
  int32: Int32Array;
  /** 32-bit integers without a sign. */
  uint32: Uint32Array;
  /** 64-bit integers, as BigInts. */
  int64: BigInt64Array;
  /** 64-bit integers without a sign, as BigInts. */
  uint64: BigUint64Array;
  /** 0 and 1. */
  bool: Uint8Array;
  /** Strings: the one dtype that is no typed array. */
  string: string[];
  /** The upper half of a float32, as its bits. */
  bfloat16: Uint16Array;
  /** 8-bit floats of 4 exponent and 3 mantissa bits, without infinities, as their bits. */
  float8e4m3fn: Uint8Array;
  /** The same with one zero and one NaN, as their bits. */
  float8e4m3fnuz: Uint8Array;
  /** 8-bit floats of 5 exponent and 2 mantissa bits, as their bits. */
  float8e5m2: Uint8Array;
  /** The same with one zero and one NaN, without infinities, as their bits. */
  float8e5m2fnuz: Uint8Array;
  /** Powers of two, as their exponents: the scales of MX formats. */
  float8e8m0: Uint8Array;
  /** 4-bit floats of 2 exponent bits and 1 mantissa bit, as their bits, one a byte. */
  float4e2m1: Uint8Array;
  /** 4-bit integers, one a byte. */
  int4: Int8Array;
  /** 4-bit integers without a sign, one a byte. */
  uint4: Uint8Array;
  /** 2-bit integers, one a byte. */
  int2: Int8Array;
  /** 2-bit integers without a sign, one a byte. */
  uint2: Uint8Array;
}

/** The type of a tensor's elements, by its name in onnxruntime-common where it has one there. */
export type DType = keyof DataTypeMap;

/** The elements of a tensor of numbers. */
export type TypedData = DataTypeMap[Exclude<DType, "string">];
/** The elements of a tensor of any dtype. */
export type AnyData = TypedData | string[];

interface DTypeInfo {
  /** Bytes of one element; 0 for strings, which never lie in linear memory. */
  readonly bytes: number;
  /** `narrow`: floats and integers that ONNX stores, moves, casts and quantises, and does not calculate with. */
  readonly kind: "float" | "signed" | "unsigned" | "bool" | "string" | "narrow";
  /** The number in ONNX's TensorProto.DataType. */
  readonly onnx: number;
  /** Bits of one element in a file. */
  readonly bits: number;
  readonly codec: Codec | undefined;
  readonly create: ((count: number) => TypedData) | undefined;
  readonly view: ((buffer: ArrayBufferLike, offset: number, count: number) => TypedData) | undefined;
}

interface NumericArray {
  new (count: number): TypedData;
  new (buffer: ArrayBufferLike, offset: number, count: number): TypedData;
}

const info = (
  bytes: number,
  kind: DTypeInfo["kind"],
  onnx: number,
  array?: NumericArray,
  codec?: Codec,
  bits = bytes * 8,
): DTypeInfo => ({
  bytes,
  kind,
  onnx,
  bits,
  codec,
  create: array && ((count) => new array(count)),
  view: array && ((buffer, offset, count) => new array(buffer, offset, count)),
});

const table = {
  float32: info(4, "float", 1, Float32Array),
  float16: info(2, "float", 10, Uint16Array, { decode: float16ToNumber, encode: numberToFloat16 }),
  float64: info(8, "float", 11, Float64Array),
  int8: info(1, "signed", 3, Int8Array),
  uint8: info(1, "unsigned", 2, Uint8Array),
  int16: info(2, "signed", 5, Int16Array),
  uint16: info(2, "unsigned", 4, Uint16Array),
  int32: info(4, "signed", 6, Int32Array),
  uint32: info(4, "unsigned", 12, Uint32Array),
  int64: info(8, "signed", 7, BigInt64Array),
  uint64: info(8, "unsigned", 13, BigUint64Array),
  bool: info(1, "bool", 9, Uint8Array),
  string: info(0, "string", 8),
  bfloat16: info(2, "float", 16, Uint16Array, { decode: bfloat16ToNumber, encode: numberToBfloat16 }),
} as Record<DType, DTypeInfo>;

/** By dtype. Those of narrow.ts are there where an entry has added them. */
export const dtypeInfo: Readonly<Record<DType, DTypeInfo>> = table;

const names = Object.keys(table) as DType[];

/** The element types lanewise takes, by their onnxruntime-common names. */
export const DTYPES: readonly DType[] = names;

/** What there is to say of a dtype that stands in arrays of its own. */
export interface AddedDType {
  readonly bytes: number;
  readonly kind: "narrow";
  readonly onnx: number;
  readonly array: Uint8ArrayConstructor | Int8ArrayConstructor;
  readonly bits: number;
  readonly codec: Codec;
}

/** Has more dtypes be known from now on; entries say so of those that they have. */
export function addDTypes(added: Readonly<Partial<Record<DType, AddedDType>>>): void {
  for (const [name, { bytes, kind, onnx, array, codec, bits }] of Object.entries(added)) {
    const dtype = name as DType;
    if (!names.includes(dtype)) names.push(dtype);
    table[dtype] = info(bytes, kind, onnx, array, codec, bits);
  }
}

/** The dtype of a TensorProto.DataType number; undefined for those that are not known. */
export const dtypeOfNumber = (number: number): DType | undefined =>
  names.find((dtype) => dtypeInfo[dtype].onnx === number);

/** How a dtype's elements become numbers and back; undefined where the array holds plain numbers, bigints or strings. */
export const codecOf = (dtype: DType): Codec | undefined => dtypeInfo[dtype].codec;

export const isFloat = (dtype: DType): boolean => dtypeInfo[dtype].kind === "float";
export const isInteger = (dtype: DType): boolean =>
  dtypeInfo[dtype].kind === "signed" || dtypeInfo[dtype].kind === "unsigned";
export const is64Bit = (dtype: DType): dtype is "int64" | "uint64" => dtype === "int64" || dtype === "uint64";

/** A zeroed (for strings: empty) array for `count` elements. */
export function createData<T extends DType>(dtype: T, count: number): DataTypeMap[T] {
  const { create } = dtypeInfo[dtype];
  return (create === undefined ? new Array<string>(count).fill("") : create(count)) as DataTypeMap[T];
}

/** A view of `count` elements; copies first where the offset is not aligned for the dtype. */
export function viewData(dtype: Exclude<DType, "string">, bytes: Uint8Array, count: number): TypedData {
  const { bytes: size, view } = dtypeInfo[dtype];
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return (view as NonNullable<typeof view>)(aligned.buffer, aligned.byteOffset, count);
}

const floatBits = new Float32Array(1);
const intBits = new Uint32Array(floatBits.buffer);

/** The number that IEEE half-precision bits stand for. */
export function float16ToNumber(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The nearest half-precision bits of a number, ties to even; overflow gives infinity. */
export function numberToFloat16(value: number): number {
  floatBits[0] = value;
  let bits = intBits[0] as number;
  // Rounding twice (double to float to half) errs only where the float sits exactly on a half tie.
  const float = floatBits[0] as number;
  if (float !== value && (bits & 0x1fff) === 0x1000) bits += Math.abs(float) < Math.abs(value) ? 1 : -1;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000)
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >>> 13);
  if (magnitude < 0x33000000) return sign;
  const shift = 126 - (magnitude >>> 23);
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const half = 1 << (shift - 1);
  const rounded = (mantissa + half - 1 + ((mantissa >> shift) & 1)) >> shift;
  return sign | rounded;
}

/** The number that bfloat16 bits stand for: they are the upper half of a float32. */
export function bfloat16ToNumber(bits: number): number {
  intBits[0] = bits << 16;
  return floatBits[0] as number;
}

/** The nearest bfloat16 bits of a number, ties to even; overflow gives infinity. */
export function numberToBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  floatBits[0] = value;
  let bits = intBits[0] as number;
  // As for half precision: a float that sits on a tie has hidden on which side the double was.
  const float = floatBits[0] as number;
  if (float !== value && (bits & 0xffff) === 0x8000) bits += Math.abs(float) < Math.abs(value) ? 1 : -1;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** Half-precision bits as numbers. */
export function widenFloat16(bits: Uint16Array): Float32Array {
  const numbers = new Float32Array(bits.length);
  const words = new Uint32Array(numbers.buffer);
  for (let i = 0; i < bits.length; i++) {
    const half = bits[i] as number;
    const exponent = half & 0x7c00;
    if (exponent === 0 || exponent === 0x7c00) numbers[i] = float16ToNumber(half);
    // Normal numbers: the exponent's bias goes from 15 to 127.
    else words[i] = ((half & 0x8000) << 16) | (((half & 0x7fff) << 13) + 0x38000000);
  }
  return numbers;
}
