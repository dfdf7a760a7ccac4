import { createData, type DType, dtypeInfo, dtypeOfNumber, viewData } from "../dtype.ts";
import { ModelError } from "../errors.ts";
import { elementCount, lazyTensor, type TensorData } from "../tensor.ts";
import type { TensorModel } from "./model.ts";
import { unpack } from "./packed.ts";
import { onnx, toBigInt, toNumber, toText } from "./proto.ts";

const LAST_BEFORE_NARROW = 16;

/** Where no entry has added the narrow dtypes, their numbers are worth a hint. */
const elsewhere = (number: number): string =>
  number > LAST_BEFORE_NARROW && dtypeOfNumber(LAST_BEFORE_NARROW + 1) === undefined
    ? " here (lanewise/all has more)"
    : "";

const EXTERNAL = 1;

/** A TensorProto; throws a ModelError where its dims and data disagree. */
export function decodeTensor(proto: onnx.ITensorProto, path: string): TensorModel {
  const number = proto.dataType ?? 0;
  const dtype = dtypeOfNumber(number);
  if (dtype === undefined) {
    return {
      kind: "unsupported",
      reason: `${path}: element type ${onnx.TensorProto.DataType[number] ?? number} is not supported${elsewhere(number)}`,
    };
  }
  const dims = (proto.dims ?? []).map(toNumber);
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0)
      throw new ModelError(path, `dims [${dims}] must be whole and not negative`);
  }
  const count = elementCount(dims);
  if (!Number.isSafeInteger(count)) throw new ModelError(path, `dims [${dims}] are too large`);
  if (proto.dataLocation === EXTERNAL) return decodeExternal(proto, dtype, dims, path);
  return { kind: "data", tensor: decodeElements(proto, dtype, dims, count, path) };
}

function decodeExternal(
  proto: onnx.ITensorProto,
  dtype: DType,
  dims: readonly number[],
  path: string,
): TensorModel {
  const entries = new Map((proto.externalData ?? []).map((entry) => [entry.key ?? "", entry.value ?? ""]));
  const location = entries.get("location");
  if (!location) throw new ModelError(path, "external data without a location");
  if (dtype === "string") throw new ModelError(path, "strings cannot be external data");
  const number = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 0)
      throw new ModelError(path, `external data ${key} ${JSON.stringify(text)} is not a size`);
    return value;
  };
  return {
    kind: "external",
    dtype,
    dims,
    location,
    offset: number("offset") ?? 0,
    length: number("length"),
    path,
  };
}

function decodeElements(
  proto: onnx.ITensorProto,
  dtype: DType,
  dims: readonly number[],
  count: number,
  path: string,
): TensorData {
  if (dtype !== "string" && proto.rawData && (proto.rawData.length > 0 || count === 0)) {
    return rawTensor(proto.rawData, dtype, dims, path);
  }
  if (dtype !== "string" && dtypeInfo[dtype].bits < 8)
    return rawTensor(Uint8Array.from(proto.int32Data ?? []), dtype, dims, path);
  const values = listedElements(proto, dtype);
  if (values.length !== count) {
    throw new ModelError(path, `dims [${dims}] need ${count} elements, the file has ${values.length}`);
  }
  const data = createData(dtype, count) as unknown as unknown[];
  for (let i = 0; i < count; i++) data[i] = values[i];
  return { dtype, dims, data: data as unknown as TensorData["data"] };
}

/** A tensor on little-endian bytes: a view where they lie aligned for the dtype; elements narrower than a byte are packed. */
export function rawTensor(
  bytes: Uint8Array,
  dtype: Exclude<DType, "string">,
  dims: readonly number[],
  path: string,
): TensorData {
  const count = elementCount(dims);
  const { bytes: size, bits } = dtypeInfo[dtype];
  const expected = Math.ceil((count * bits) / 8);
  if (bytes.length !== expected) {
    throw new ModelError(
      path,
      `dims [${dims}] of ${dtype} need ${expected} bytes, there are ${bytes.length}`,
    );
  }
  if (bits < 8) return lazyTensor(dtype, dims, (target) => unpack(dtype, bytes, target));
  if (bytes.byteOffset % size !== 0) return lazyTensor(dtype, dims, (target) => target.set(bytes));
  return { dtype, dims, data: viewData(dtype, bytes, count) };
}

/** The typed field that holds a dtype's elements where raw_data does not (onnx.proto, TensorProto). */
function listedElements(proto: onnx.ITensorProto, dtype: DType): readonly unknown[] {
  switch (dtype) {
    case "float32":
      return proto.floatData ?? [];
    case "float64":
      return proto.doubleData ?? [];
    case "int64":
      return (proto.int64Data ?? []).map(toBigInt);
    case "uint64":
      return (proto.uint64Data ?? []).map(toBigInt);
    case "uint32":
      return (proto.uint64Data ?? []).map(toNumber);
    case "string":
      return (proto.stringData ?? []).map(toText);
    case "bool":
      return (proto.int32Data ?? []).map((value) => (value === 0 ? 0 : 1));
    default:
      return proto.int32Data ?? [];
  }
}
