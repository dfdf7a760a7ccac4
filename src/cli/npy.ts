import { type AnyData, createData, type DType, dtypeInfo, type TypedData, viewData } from "../dtype.ts";
import { ResourceError, UsageError } from "../errors.ts";
import { fromNumbers, toNumbers } from "../ops/shared/elements.ts";
import { elementCount, Tensor, type TensorData } from "../tensor.ts";
import { readBytes, writeBytes } from "./files.ts";

/** NumPy's type codes, without the byte order. */
const CODES = {
  float32: "f4",
  float16: "f2",
  float64: "f8",
  int8: "i1",
  uint8: "u1",
  int16: "i2",
  uint16: "u2",
  int32: "i4",
  uint32: "u4",
  int64: "i8",
  uint64: "u8",
  bool: "b1",
} as const satisfies Partial<Record<DType, string>>;

type NumericDType = keyof typeof CODES;

const hasCode = (dtype: DType): dtype is NumericDType => Object.hasOwn(CODES, dtype);

const MAGIC = "\x93NUMPY";

/** The tensor in a .npy file. Throws a ResourceError that names the path and the reason. */
export async function readNpyFile(path: string): Promise<Tensor> {
  return decodeNpy(await readBytes(path), path);
}

/** Writes a tensor as a .npy file. */
export async function writeNpyFile(path: string, tensor: TensorData): Promise<void> {
  await writeBytes(path, encodeNpy(tensor));
}

/**
 * The tensor in the bytes of a .npy file, versions 1 to 3, in C or Fortran order and either byte order; it comes out
 * row-major. `name` stands in errors.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function decodeNpy(bytes: Uint8Array, name = "npy"): Tensor {
  const fail = (reason: string): never => {
    throw new ResourceError(`${name}: ${reason}`);
  };
  if (String.fromCharCode(...bytes.subarray(0, MAGIC.length)) !== MAGIC) fail("is not a .npy file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6] ?? 0;
  if (bytes.length < 12) fail(`truncated .npy header: ${bytes.length} bytes`);
  if (version < 1 || version > 3) fail(`.npy version ${version}: 1 to 3 can be read`);
  const start = version === 1 ? 10 : 12;
  const headerBytes = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + headerBytes > bytes.length) fail(`truncated .npy header: ${headerBytes} bytes announced`);
  const encoding = version === 3 ? "utf-8" : "latin1";
  const text = new TextDecoder(encoding).decode(bytes.subarray(start, start + headerBytes));
  const { dtype, bigEndian, fortran, dims } = parseHeader(text, fail);
  const body = bytes.subarray(start + headerBytes);
  const count = elementCount(dims);
  const expected = count * dtypeInfo[dtype].bytes;
  if (body.length !== expected) {
    fail(
      `shape (${dims}) of ${dtype} needs ${expected} bytes, the file has ${body.length}${body.length < expected ? " (truncated?)" : ""}`,
    );
  }
  const own = body.slice();
  if (bigEndian) swapBytes(own, dtypeInfo[dtype].bytes);
  if (dtype === "bool") for (let i = 0; i < count; i++) own[i] = own[i] === 0 ? 0 : 1;
  const data = viewData(dtype, own, count);
  return new Tensor(dtype, fortran ? rowMajor(dtype, dims, data) : data, dims);
}

/** The bytes of a .npy file (version 1.0, little-endian, C order) that holds the tensor; as float32 where NumPy lacks its dtype. */
export function encodeNpy(tensor: TensorData): Uint8Array {
  const { dtype, dims, data } = tensor;
  if (dtype === "string") throw new UsageError("a string tensor cannot be written as .npy");
  if (!hasCode(dtype)) return encodeNpy(fromNumbers("float32", dims, toNumbers(tensor)));
  const order = dtypeInfo[dtype].bytes === 1 ? "|" : "<";
  const shape = dims.length === 1 ? `${dims[0]},` : dims.join(", ");
  const dictionary = `{'descr': '${order}${CODES[dtype]}', 'fortran_order': False, 'shape': (${shape}), }`;
  // The data begin at a multiple of 64 bytes; the header ends in a newline.
  const padded = Math.ceil((MAGIC.length + 4 + dictionary.length + 1) / 64) * 64;
  const head = `${dictionary.padEnd(padded - MAGIC.length - 5)}\n`;
  const { buffer, byteOffset, byteLength } = data as TypedData;
  const bytes = new Uint8Array(padded + byteLength);
  const put = (text: string, at: number): void =>
    bytes.set(
      Uint8Array.from(text, (char) => char.charCodeAt(0)),
      at,
    );
  put(MAGIC, 0);
  bytes.set([1, 0, head.length & 255, head.length >> 8], MAGIC.length);
  put(head, MAGIC.length + 4);
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength), padded);
  return bytes;
}

function parseHeader(text: string, fail: (reason: string) => never) {
  const field = (name: string, value: string): string | undefined =>
    new RegExp(`['"]${name}['"]\\s*:\\s*${value}`).exec(text)?.[1];
  const descr = field("descr", `['"]([^'"]*)['"]`);
  if (descr === undefined)
    fail(
      /descr['"]\s*:\s*\[/.test(text)
        ? "structured .npy arrays cannot be read"
        : "the .npy header has no descr",
    );
  const [, order, code] = /^([<>|=]?)(\w+)$/.exec(descr as string) ?? [];
  const dtype = (Object.keys(CODES) as NumericDType[]).find((name) => CODES[name] === code);
  if (dtype === undefined)
    return fail(`.npy type ${JSON.stringify(descr)}: expected one of ${Object.values(CODES).join(", ")}`);
  const fortran = field("fortran_order", "(True|False)");
  if (fortran === undefined) fail("the .npy header has no fortran_order");
  const shape = field("shape", "\\(([^()]*)\\)");
  if (shape === undefined || !/^\s*(\d+L?\s*(,\s*\d+L?\s*)*,?\s*)?$/.test(shape))
    return fail("the .npy header has no usable shape");
  const dims = [...shape.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  if (!Number.isSafeInteger(elementCount(dims))) fail(`.npy shape (${shape}) is too large`);
  return { dtype, bigEndian: order === ">", fortran: fortran === "True", dims };
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** Elements that lie with the first axis fastest, brought to the last axis fastest. */
function rowMajor(dtype: NumericDType, dims: readonly number[], data: TypedData): AnyData {
  const result = createData(dtype, data.length);
  const index = new Array<number>(dims.length).fill(0);
  const steps: number[] = [];
  let step = 1;
  for (const dim of dims) {
    steps.push(step);
    step *= dim;
  }
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from] as number & bigint;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      from += steps[axis] as number;
      if ((index[axis] as number) < (dims[axis] as number)) break;
      from -= (steps[axis] as number) * (dims[axis] as number);
      index[axis] = 0;
    }
  }
  return result;
}
