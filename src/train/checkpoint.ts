import { arrayOf, bytesOf as bytesGiven, numberIn, oneOf, stringOf } from "../arguments.ts";
import { DTYPES, type DType, dtypeInfo, viewData } from "../dtype.ts";
import { LanewiseError } from "../errors.ts";
import { elementCount, type TensorData } from "../tensor.ts";

/** A checkpoint that cannot be read, or that belongs to something else. */
export class CheckpointError extends LanewiseError {
  override get name() {
    return "CheckpointError" as const;
  }
  constructor(message: string) {
    super("ERR_CHECKPOINT", message);
  }
}

/** Everything that training needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** What was trained and how, so that it is not resumed with something else. */
  readonly signature: string;
  /** Updates done. */
  readonly step: number;
  /** Where the data stands: the epoch, and batches of it done. */
  readonly epoch: number;
  /** Batches of that epoch done. */
  readonly batch: number;
  /** Weights, running statistics and moments by their names. */
  readonly states: ReadonlyMap<string, TensorData>;
}

interface Header {
  readonly signature: string;
  readonly step: number;
  readonly epoch: number;
  readonly batch: number;
  readonly states: readonly {
    readonly name: string;
    readonly dtype: DType;
    readonly dims: readonly number[];
  }[];
}

/*
 * "LWCK", version, header length, CRC-32 of all that follows | header as JSON, padded to 8 | states, each padded to 8
 */
const MAGIC = 0x4b43574c;
const VERSION = 1;
const PREFIX_BYTES = 16;
const stateDTypes = () => DTYPES.filter((dtype) => dtype !== "string");

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;
const bytesOf = (dtype: DType, dims: readonly number[]): number =>
  elementCount(dims) * dtypeInfo[dtype].bytes;

/** A checkpoint as bytes. */
export function encodeCheckpoint({ states, ...rest }: Checkpoint): Uint8Array<ArrayBuffer> {
  const list = [...states].map(([name, { dtype, dims }]) => ({ name, dtype, dims }));
  const header = new TextEncoder().encode(JSON.stringify({ ...rest, states: list } satisfies Header));
  const total = [...states.values()].reduce(
    (sum, { dtype, dims }) => sum + padded(bytesOf(dtype, dims)),
    PREFIX_BYTES + padded(header.length),
  );
  const bytes = new Uint8Array(total);
  bytes.set(header, PREFIX_BYTES);
  let at = PREFIX_BYTES + padded(header.length);
  for (const { dtype, dims, data } of states.values()) {
    const { buffer, byteOffset, byteLength } = data as Float32Array;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += padded(bytesOf(dtype, dims));
  }
  const prefix = new DataView(bytes.buffer);
  prefix.setUint32(0, MAGIC, true);
  prefix.setUint32(4, VERSION, true);
  prefix.setUint32(8, header.length, true);
  prefix.setUint32(12, crc32(bytes.subarray(PREFIX_BYTES)), true);
  return bytes;
}

/** Reads what `encodeCheckpoint` wrote; throws a CheckpointError that says what is wrong with anything else. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  bytesGiven("a checkpoint", bytes);
  if (bytes.length < PREFIX_BYTES) throw new CheckpointError(`${bytes.length} bytes are no checkpoint`);
  const prefix = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (prefix.getUint32(0, true) !== MAGIC) throw new CheckpointError("the file is no checkpoint of lanewise");
  const version = prefix.getUint32(4, true);
  if (version !== VERSION) throw new CheckpointError(`version ${version}: expected ${VERSION}`);
  const body = bytes.subarray(PREFIX_BYTES);
  if (prefix.getUint32(12, true) !== crc32(body))
    throw new CheckpointError("the checkpoint is damaged: its checksum does not match");
  const headerBytes = prefix.getUint32(8, true);
  const { signature, step, epoch, batch, states: list } = readHeader(body.subarray(0, headerBytes));
  let at = padded(headerBytes);
  const states = new Map<string, TensorData>();
  for (const { name, dtype, dims } of list) {
    const size = bytesOf(dtype, dims);
    if (at + size > body.length) throw new CheckpointError(`the checkpoint ends within the state ${name}`);
    const copy = Uint8Array.prototype.slice.call(body, at, at + size);
    states.set(name, {
      dtype,
      dims,
      data: viewData(dtype as Exclude<DType, "string">, copy, elementCount(dims)),
    });
    at += padded(size);
  }
  return { signature, step, epoch, batch, states };
}

const WHOLE = { from: 0, whole: true };

/** The header, all of it as it must be; a CheckpointError otherwise. */
function readHeader(bytes: Uint8Array): Header {
  try {
    const header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Header;
    const { signature, step, epoch, batch, states } = header;
    stringOf("signature", signature);
    for (const [name, value] of Object.entries({ step, epoch, batch })) numberIn(name, value, WHOLE);
    for (const state of arrayOf("states", states)) {
      stringOf("a state's name", state?.name);
      oneOf(`the dtype of ${state.name}`, state.dtype, stateDTypes());
      for (const dim of arrayOf(`the dims of ${state.name}`, state.dims))
        numberIn(`a dim of ${state.name}`, dim, WHOLE);
    }
    return header;
  } catch (error) {
    throw new CheckpointError(`the checkpoint's header is damaged: ${(error as Error).message}`);
  }
}

/** CRC-32 as in gzip (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 255] as number);
  }
  return ~crc >>> 0;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
