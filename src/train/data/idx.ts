import { bytesOf, stringOf } from "../../arguments.ts";
import { DataError } from "./data-error.ts";

/** The arrays that IDX files hold. */
export type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** What an IDX file holds: its dims and elements, row-major. */
export interface IdxArray {
  /** The size of each axis. */
  readonly dims: readonly number[];
  /** The elements, the last axis varying fastest. */
  readonly data: IdxData;
}

interface ElementType {
  readonly bytes: number;
  readonly read: (view: DataView, at: number, count: number) => IdxData;
}

const elements = <T extends IdxData>(
  bytes: number,
  create: (count: number) => T,
  get: (view: DataView, at: number) => number,
): ElementType => ({
  bytes,
  read(view, at, count) {
    const data = create(count);
    for (let i = 0; i < count; i++) data[i] = get(view, at + i * bytes);
    return data;
  },
});

/** By the third byte of the magic number. */
const ELEMENT_TYPES: ReadonlyMap<number, ElementType> = new Map([
  [0x08, { bytes: 1, read: (view, at, count) => new Uint8Array(view.buffer, view.byteOffset + at, count) }],
  [0x09, { bytes: 1, read: (view, at, count) => new Int8Array(view.buffer, view.byteOffset + at, count) }],
  [
    0x0b,
    elements(
      2,
      (count) => new Int16Array(count),
      (view, at) => view.getInt16(at),
    ),
  ],
  [
    0x0c,
    elements(
      4,
      (count) => new Int32Array(count),
      (view, at) => view.getInt32(at),
    ),
  ],
  [
    0x0d,
    elements(
      4,
      (count) => new Float32Array(count),
      (view, at) => view.getFloat32(at),
    ),
  ],
  [
    0x0e,
    elements(
      8,
      (count) => new Float64Array(count),
      (view, at) => view.getFloat64(at),
    ),
  ],
]);

/**
 * Reads an IDX file (the format of MNIST, https://yann.lecun.com/exdb/mnist/: two zero bytes, element type, rank, dims,
 * elements; all big-endian), gzipped or not. Bytes are not copied. Throws a DataError with `name` for anything else.
 */
export async function readIdx(bytes: Uint8Array, name = "IDX file"): Promise<IdxArray> {
  stringOf("readIdx: name", name);
  const file = bytesOf(name, bytes);
  return parseIdx(isGzip(file) ? await gunzip(file, name) : file, name);
}

function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  const [zero0, zero1, code, rank] = bytes;
  if (zero0 !== 0 || zero1 !== 0 || code === undefined || rank === undefined)
    throw new DataError(name, "not an IDX file: it does not begin with two zero bytes, a type and a rank");
  const type = ELEMENT_TYPES.get(code);
  if (type === undefined) throw new DataError(name, `unknown IDX element type 0x${code.toString(16)}`);
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw new DataError(name, `it ends within its ${rank} dims`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const count = dims.reduce((product, dim) => product * dim, 1);
  const expected = start + count * type.bytes;
  if (bytes.length !== expected)
    throw new DataError(
      name,
      `dims [${dims.join(", ")}] need ${expected} bytes, the file has ${bytes.length}`,
    );
  return { dims, data: type.read(view, start, count) };
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function gunzip(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  try {
    const file = new Blob([new Uint8Array(bytes)]);
    const stream = file.stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw new DataError(name, "broken or truncated gzip data", { cause });
  }
}
