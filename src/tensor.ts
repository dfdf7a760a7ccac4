import { arrayOf, objectOf, oneOf, shown } from "./arguments.ts";
import {
  type AnyData,
  createData,
  type DataTypeMap,
  DTYPES,
  type DType,
  dtypeInfo,
  type TypedData,
  viewData,
} from "./dtype.ts";
import { ShapeError, UsageError } from "./errors.ts";

/** Elements in row-major order; the plain form that operators work on. */
export interface TensorData<T extends DType = DType> {
  /** The type of the elements. */
  readonly dtype: T;
  /** The size of each axis; [] is a scalar. */
  readonly dims: readonly number[];
  /** The elements, the last axis varying fastest. */
  readonly data: DataTypeMap[T];
  /** Where `data` is made on demand: writes the elements' bytes to a place aligned for the dtype. */
  readonly writeTo?: (target: Uint8Array) => void;
}

/** Tensors up to this size are not worth making on demand. */
const SMALL_BYTES = 4096;

/**
 * A tensor that keeps no array: `data` is made whenever it is asked for, so ask once. For large weights that lie
 * unaligned in a file, or that one number says all of. (A WeakRef to what was made would keep it to the end of the
 * running task, and of all sessions that it opens.)
 */
export function lazyTensor<T extends Exclude<DType, "string">>(
  dtype: T,
  dims: readonly number[],
  writeTo: (target: Uint8Array) => void,
): TensorData<T> {
  const count = elementCount(dims);
  const make = (): TypedData => {
    const bytes = new Uint8Array(count * dtypeInfo[dtype].bytes);
    writeTo(bytes);
    return viewData(dtype, bytes, count);
  };
  if (count * dtypeInfo[dtype].bytes <= SMALL_BYTES) return { dtype, dims, data: make() as DataTypeMap[T] };
  const tensor = {
    dtype,
    dims,
    get data() {
      return make() as DataTypeMap[T];
    },
  };
  // Not enumerable: a tensor spread into another is no longer the one that this writes.
  return Object.defineProperty(tensor, "writeTo", { value: writeTo });
}

/** Writes a tensor's elements as bytes to a place aligned for its dtype; strings have none. */
export function copyBytes(tensor: TensorData, target: Uint8Array): void {
  if (tensor.writeTo !== undefined) tensor.writeTo(target);
  else {
    const { buffer, byteOffset, byteLength } = tensor.data as TypedData;
    target.set(new Uint8Array(buffer, byteOffset, byteLength));
  }
}

/** The number of elements that dims span. */
export function elementCount(dims: readonly number[]): number {
  let count = 1;
  for (const dim of dims) count *= dim;
  return count;
}

/** Checks that the array belongs to the dtype and has as many elements as the dims say. */
export function tensorData<T extends DType>(
  dtype: T,
  dims: readonly number[],
  data: DataTypeMap[T],
): TensorData<T> {
  for (const dim of arrayOf("dims", dims)) {
    if (!Number.isSafeInteger(dim) || dim < 0)
      throw new ShapeError(undefined, `dims ${shown(dims)} must be whole and not negative`);
  }
  const expected = elementCount(dims);
  if (data.length !== expected) {
    throw new ShapeError(undefined, `dims [${dims}] need ${expected} elements, data has ${data.length}`);
  }
  return { dtype, dims, data };
}

/** A value that must be a tensor: of a known dtype, with the array of that dtype, which has as many elements as its dims say. */
export function tensorOf(name: string, value: TensorData): TensorData {
  const { dtype, dims, data } = objectOf(name, value, "a tensor");
  const own = createData(oneOf(`${name}: dtype`, dtype, DTYPES), 0);
  if (Object.prototype.toString.call(data) !== Object.prototype.toString.call(own))
    throw new UsageError(`${name}: ${dtype} data must be a ${own.constructor.name}, got ${shown(data)}`);
  return tensorData(dtype, dims, data as never);
}

/** Zeros (or empty strings). */
export function zeros<T extends DType>(dtype: T, dims: readonly number[]): TensorData<T> {
  return { dtype, dims, data: createData(dtype, elementCount(dims)) };
}

/** What a tensor is made of: the dtype's own array, or plain numbers, BigInts, booleans or strings. */
export type DataInput =
  | AnyData
  | readonly number[]
  | readonly bigint[]
  | readonly boolean[]
  | Uint8ClampedArray;

const inferType = (data: unknown): DType | undefined => {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int8Array) return "int8";
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return "uint8";
  if (data instanceof Int16Array) return "int16";
  if (data instanceof Uint16Array) return "uint16";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Uint32Array) return "uint32";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof BigUint64Array) return "uint64";
  if (isFloat16Array(data)) return "float16";
  if (Array.isArray(data)) {
    if (data.every((v) => typeof v === "string")) return "string";
    if (data.every((v) => typeof v === "boolean")) return "bool";
  }
  return undefined;
};

const isFloat16Array = (data: unknown): data is ArrayBufferView =>
  ArrayBuffer.isView(data) && Object.prototype.toString.call(data) === "[object Float16Array]";

function coerce(dtype: DType, data: DataInput): AnyData {
  if (isFloat16Array(data)) {
    if (dtype !== "float16") throw new UsageError(`a Float16Array does not hold ${dtype}`);
    return new Uint16Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength / 2);
  }
  const own = createData(dtype, 0);
  if (dtype === "string") {
    if (Array.isArray(data) && data.every((v) => typeof v === "string")) return data as string[];
    throw new UsageError("a string tensor takes an array of strings");
  }
  if (ArrayBuffer.isView(data) && Object.getPrototypeOf(data) === Object.getPrototypeOf(own))
    return data as AnyData;
  if (data instanceof Uint8ClampedArray && (dtype === "uint8" || dtype === "bool")) {
    return new Uint8Array(data.buffer, data.byteOffset, data.length);
  }
  if (Array.isArray(data)) {
    const wide = dtype === "int64" || dtype === "uint64";
    const from = (own.constructor as { from?: (v: Iterable<unknown>) => AnyData }).from;
    if (from !== undefined) {
      return from.call(
        own.constructor,
        (data as readonly unknown[]).map((value) => (wide ? bigintOf(value) : numberOf(value))),
      );
    }
  }
  throw new UsageError(`${dtype} data must be a ${own.constructor.name}, got ${shown(data)}`);
}

function numberOf(value: unknown): number {
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return Number(value);
  throw new UsageError(`a tensor's data must be numbers, got ${shown(value)}`);
}

function bigintOf(value: unknown): bigint {
  if (typeof value === "bigint" || typeof value === "boolean" || Number.isInteger(value))
    return BigInt(value as bigint);
  throw new UsageError(`a tensor's data must be whole numbers, got ${shown(value)}`);
}

/**
 * A value that goes into a session or comes out of it; the shape of onnxruntime-common's Tensor.
 * `data` is row-major; float16 and bfloat16 are held as their bits in a Uint16Array, narrower floats as theirs in a
 * Uint8Array, bool as 0 and 1 in a Uint8Array. 4-bit and 2-bit elements take a whole one each, unlike in files.
 */
export class Tensor implements TensorData {
  /** The dtype. */
  readonly type: DType;
  /** The size of each axis; [] is a scalar. */
  readonly dims: readonly number[];
  /** The elements, the last axis varying fastest. */
  readonly data: AnyData;
  /** Where the elements are. */
  readonly location = "cpu";

  /** A tensor of the type, of data that it takes over where it is the type's own array. `dims` is one axis by default. */
  constructor(type: DType, data: DataInput, dims?: readonly number[]);
  /**
   * A tensor of the type that the data shows: float32 for a Float32Array, string for strings, and so on.
   *
   * @param dims - One axis by default.
   */
  constructor(data: DataInput, dims?: readonly number[]);
  constructor(first: DType | DataInput, second?: DataInput | readonly number[], third?: readonly number[]) {
    const explicit = typeof first === "string";
    const type = explicit ? first : inferType(first);
    const data = explicit ? (second as DataInput) : first;
    if (type === undefined)
      throw new UsageError("the tensor's type cannot be told from its data: name it first");
    if (!DTYPES.includes(type))
      throw new UsageError(`unknown tensor type ${JSON.stringify(type)}: expected ${DTYPES.join(", ")}`);
    const array = coerce(type, data);
    const dims = (explicit ? third : (second as readonly number[] | undefined)) ?? [array.length];
    tensorData(type, dims, array as never);
    this.type = type;
    this.data = array;
    this.dims = [...dims];
  }

  /** The dtype again, under the name that operators use. */
  get dtype(): DType {
    return this.type;
  }

  /** Number of elements. */
  get size(): number {
    return elementCount(this.dims);
  }

  /** The data, as a promise, for code written against onnxruntime-common. */
  async getData(): Promise<AnyData> {
    return this.data;
  }

  /** The same data under other dims of the same size. */
  reshape(dims: readonly number[]): Tensor {
    return new Tensor(this.type, this.data, dims);
  }

  /** Nothing to free: the data lives in the JavaScript heap. */
  dispose(): void {}
}
