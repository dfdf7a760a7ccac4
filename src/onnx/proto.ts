// The one file that touches onnx-proto and its protobufjs.
import { onnx } from "#onnx-proto";
import protobuf from "#protobuf";

/** A 64-bit integer as protobufjs hands it over; keeps all bits without the `long` package. */
export class Int64 {
  constructor(
    readonly low: number,
    readonly high: number,
    readonly unsigned = false,
  ) {}

  static fromBits(low: number, high: number, unsigned = false): Int64 {
    return new Int64(low, high, unsigned);
  }

  static fromNumber(value: number, unsigned = false): Int64 {
    return Int64.fromBigInt(BigInt(value), unsigned);
  }

  static fromValue(value: unknown): Int64 {
    return value instanceof Int64 ? value : Int64.fromNumber(Number(value));
  }

  static fromBigInt(value: bigint, unsigned = false): Int64 {
    return new Int64(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)), unsigned);
  }

  toBigInt(): bigint {
    const bits = (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
    return this.unsigned ? bits : BigInt.asIntN(64, bits);
  }

  toNumber(): number {
    return (this.unsigned ? this.high >>> 0 : this.high | 0) * 2 ** 32 + (this.low >>> 0);
  }
}

protobuf.util.Long = Int64 as never;
protobuf.configure();

export const { Reader } = protobuf;
type Reader = protobuf.Reader;

const { uint32 } = Reader.prototype;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// protobufjs reads bytes one after the other, and a surrogate pair for what is no character.
Reader.prototype.string = function (this: Reader) {
  return decoder.decode(this.bytes());
};

// A varint of a byte or two must not become an object each.
for (const key of ["int64", "uint64"] as const) {
  const readLong = Reader.prototype[key] as (this: Reader) => never;
  Reader.prototype[key] = function (this: Reader) {
    const { buf, pos } = this;
    for (let i = 0; i < 4; i++) if (((buf[pos + i] as number) & 128) === 0) return uint32.call(this) as never;
    return readLong.call(this);
  };
}

export type ReaderOf = (bytes: Uint8Array) => Reader;

/**
 * Readers that together read so many tags and lengths, then throw: an empty message of two bytes takes hundreds in
 * memory. The elements of packed lists are not counted.
 */
export function boundedReaders(most: number, refuse: () => never): ReaderOf {
  let left = most;
  return (bytes) => {
    const reader = Reader.create(bytes);
    reader.uint32 = () => (--left < 0 ? refuse() : uint32.call(reader));
    reader.int32 = () => uint32.call(reader) | 0;
    return reader;
  };
}
export { onnx };

/** protobufjs gives a number or an Int64 where the file holds a varint. */
export const toNumber = (value: unknown): number =>
  value instanceof Int64 ? value.toNumber() : Number(value ?? 0);

export const toBigInt = (value: unknown): bigint =>
  value instanceof Int64 ? value.toBigInt() : BigInt(Math.trunc(Number(value ?? 0)));

export const toText = (bytes: unknown): string =>
  typeof bytes === "string" ? bytes : decoder.decode(bytes as Uint8Array);

/** The same bytes without Node's Buffer, for which protobufjs takes another path. */
export const plainBytes = (bytes: Uint8Array): Uint8Array =>
  // A view of a buffer that has been transferred is empty, too, and no other can be made of it.
  bytes.length === 0 ? new Uint8Array() : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
