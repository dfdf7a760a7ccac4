import { Tensor as OrtTensor } from "onnxruntime-common";
import { type DType, Tensor, UsageError } from "../index.ts";

type Bytes = Uint8Array | Int8Array;

const is4Bit = (type: string): type is "int4" | "uint4" => type === "int4" || type === "uint4";

/** Of dtypes that onnxruntime-common does not know there are no tensors. */
const ORT_TYPES: ReadonlySet<string> = new Set<OrtTensor.Type>([
  ...(["float32", "float64", "float16", "bool", "string", "int4", "uint4"] as const),
  ...(["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"] as const),
]);

/** An input as lanewise takes it, on the same array but for 4 bits, which onnxruntime packs two a byte. */
export function tensorOfFeed(name: string, feed: OrtTensor): Tensor {
  const { location, type, dims } = feed ?? {};
  if (location !== "cpu" && location !== "cpu-pinned")
    throw new UsageError(`invalid data location: ${location} for input "${name}"`);
  const data = is4Bit(type)
    ? unpack(
        type,
        feed.data as Bytes,
        dims.reduce((a, b) => a * b, 1),
      )
    : feed.data;
  return new Tensor(type as DType, data, dims);
}

/** Tensors may hold an element a byte, too: their constructor takes both. */
const isPacked = (data: Bytes, count: number): boolean => data.length === Math.ceil(count / 2);

/** An element a byte; of two that share one the first is in the lower half. */
function unpack(type: "int4" | "uint4", data: Bytes, count: number): Bytes {
  const elements = type === "int4" ? new Int8Array(count) : new Uint8Array(count);
  const shift = type === "int4" ? 28 : 0;
  const packed = isPacked(data, count);
  for (let i = 0; i < count; i++) {
    const bits = packed ? (data[i >> 1] as number) >> (4 * (i & 1)) : (data[i] as number);
    elements[i] = ((bits & 15) << shift) >> shift;
  }
  return elements;
}

function pack(elements: Bytes): Uint8Array {
  const packed = new Uint8Array(Math.ceil(elements.length / 2));
  elements.forEach((element, i) => {
    packed[i >> 1] = (packed[i >> 1] as number) | ((element & 15) << (4 * (i & 1)));
  });
  return packed;
}

/** A result as onnxruntime-common has it; where the caller has made a tensor for it, that one, filled. */
export function tensorOfResult(name: string, result: Tensor, given: OrtTensor | null): OrtTensor {
  // Maps, sequences and optionals come out as what they are.
  if (!(result instanceof Tensor))
    throw new UsageError(`output "${name}" is not a tensor: fetch others, or run the model with "lanewise"`);
  const { type, dims, data } = result;
  if (!ORT_TYPES.has(type))
    throw new UsageError(`output "${name}" is ${type}, of which onnxruntime-common has no tensors`);
  if (given !== null) return fill(name, given, result);
  const held = is4Bit(type) ? pack(data as Bytes) : data;
  return new OrtTensor(type as OrtTensor.Type, held as OrtTensor.DataType, dims);
}

function fill(name: string, given: OrtTensor, { type, dims, data }: Tensor): OrtTensor {
  const target = given.data;
  if (given.type !== type || given.dims.join() !== dims.join())
    throw new UsageError(
      `output "${name}" is ${type} [${dims}], and the tensor given for it ${given.type} [${given.dims}]`,
    );
  if (Array.isArray(target)) for (const [i, text] of (data as string[]).entries()) target[i] = text;
  else {
    const packed = is4Bit(type) && isPacked(target as Bytes, data.length);
    bytesOf(target).set(bytesOf(packed ? pack(data as Bytes) : (data as Bytes)));
  }
  return given;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
