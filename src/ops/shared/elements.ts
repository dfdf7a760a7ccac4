import type { NarrowOptions } from "../../codec.ts";
import { codecOf, createData, type DataTypeMap, type DType, is64Bit, widenFloat16 } from "../../dtype.ts";
import { elementCount, type TensorData } from "../../tensor.ts";

/** Any array of plain numbers. */
export type Numbers =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** Elements are of another kind than an operator can take them for; who drives the operator says whose. */
export class ElementKindError extends Error {}

/**
 * The elements as plain numbers: a view where the array already holds them, a converted copy for float16, narrower floats and
 * 64-bit integers (exact up to 2^53). Never write to the result.
 */
export function toNumbers(tensor: TensorData): Numbers {
  const { dtype, data } = tensor;
  if (dtype === "float16") return widenFloat16(data as Uint16Array);
  if (is64Bit(dtype)) return Float64Array.from(data as BigInt64Array, Number);
  if (dtype === "string") throw new ElementKindError("strings stand where numbers are expected");
  const codec = codecOf(dtype);
  return codec === undefined ? (data as Numbers) : Float32Array.from(data as Uint8Array, codec.decode);
}

/** Small integer inputs (shapes, axes, pads) as a plain array. */
export const toNumberArray = (tensor: TensorData): number[] => Array.from(toNumbers(tensor));

/** The elements as bigints, for 64-bit integer arithmetic; wraps like the dtype does when stored again. */
export function toBigInts(tensor: TensorData): BigInt64Array | BigUint64Array {
  if (!is64Bit(tensor.dtype))
    throw new ElementKindError(`${tensor.dtype} stands where 64-bit integers are expected`);
  return tensor.data as BigInt64Array | BigUint64Array;
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** A number cut towards zero to the range of a 64-bit dtype; NaN is what C++ makes of it. */
export function numberToBigInt(value: number, dtype: "int64" | "uint64"): bigint {
  if (Number.isNaN(value)) return dtype === "int64" ? INT64_MIN : 0n;
  if (value >= 2 ** 64) return dtype === "int64" ? INT64_MAX : UINT64_MAX;
  if (value <= -(2 ** 63)) return INT64_MIN;
  return BigInt(Math.trunc(value));
}

/**
 * A tensor from plain numbers, converted as a cast to the dtype does: floats rounded to nearest even, integers cut
 * towards zero and wrapped, anything but 0 is true. 8-bit floats saturate unless `options` says otherwise.
 */
export function fromNumbers<T extends DType>(
  dtype: T,
  dims: readonly number[],
  numbers: ArrayLike<number>,
  options?: NarrowOptions,
): TensorData<T> {
  const data = createData(dtype, elementCount(dims));
  const count = data.length;
  const codec = codecOf(dtype);
  if (codec !== undefined) {
    const bits = data as Uint16Array;
    for (let i = 0; i < count; i++) bits[i] = codec.encode(numbers[i] as number, options);
  } else if (is64Bit(dtype)) {
    const wide = data as BigInt64Array;
    for (let i = 0; i < count; i++) wide[i] = numberToBigInt(numbers[i] as number, dtype);
  } else if (dtype === "bool") {
    const bools = data as Uint8Array;
    for (let i = 0; i < count; i++) bools[i] = numbers[i] === 0 ? 0 : 1;
  } else if (dtype === "uint32") {
    const words = data as Uint32Array;
    for (let i = 0; i < count; i++) words[i] = Math.trunc(numbers[i] as number);
  } else {
    const plain = data as Float64Array;
    for (let i = 0; i < count; i++) plain[i] = numbers[i] as number;
  }
  return { dtype, dims, data: data as DataTypeMap[T] };
}

/** A tensor of the same dtype from data of the same array type (any dtype, strings included). */
export const like = (tensor: TensorData, dims: readonly number[], data: TensorData["data"]): TensorData => ({
  dtype: tensor.dtype,
  dims,
  data,
});

/** Elements of any dtype picked by index: the core of Gather, Slice, Transpose and other pure movements. */
export function pick(
  tensor: TensorData,
  dims: readonly number[],
  indexOf: (i: number) => number,
): TensorData {
  const count = elementCount(dims);
  const source = tensor.data as unknown as number[];
  const data = createData(tensor.dtype, count) as unknown as number[];
  for (let i = 0; i < count; i++) data[i] = source[indexOf(i)] as number;
  return like(tensor, dims, data as unknown as TensorData["data"]);
}
