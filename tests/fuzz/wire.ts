import { join } from "../support/onnx-model.ts";

/** A protobuf message as its fields in the order of the file; what no schema here names stays bytes. */
export interface Message {
  readonly kind: Kind;
  fields: Field[];
}

export type FieldValue =
  | { type: "varint"; value: bigint }
  | { type: "fixed"; bytes: Uint8Array }
  | { type: "text"; bytes: Uint8Array }
  | { type: "bytes"; bytes: Uint8Array }
  | { type: "packed"; values: bigint[] }
  | { type: "message"; message: Message };

export interface Field {
  readonly number: number;
  value: FieldValue;
}

export type Kind = keyof typeof SCHEMA;

type FieldKind = Kind | "text" | "packed";

/** The fields of onnx.proto that are messages, texts or lists of integers. */
const SCHEMA = {
  model: { 2: "text", 7: "graph", 8: "opset", 25: "function" },
  opset: { 1: "text" },
  graph: {
    1: "node",
    2: "text",
    5: "tensor",
    11: "valueInfo",
    12: "valueInfo",
    13: "valueInfo",
    15: "sparse",
  },
  node: { 1: "text", 2: "text", 3: "text", 4: "text", 5: "attribute", 7: "text" },
  attribute: {
    1: "text",
    4: "text",
    5: "tensor",
    6: "graph",
    8: "packed",
    9: "text",
    10: "tensor",
    11: "graph",
    14: "type",
    21: "text",
    22: "sparse",
  },
  tensor: { 1: "packed", 5: "packed", 7: "packed", 8: "text", 11: "packed", 13: "entry" },
  sparse: { 1: "tensor", 2: "tensor", 3: "packed" },
  entry: { 1: "text", 2: "text" },
  valueInfo: { 1: "text", 2: "type" },
  type: { 1: "tensorType", 4: "sequenceType", 5: "mapType", 9: "sequenceType" },
  tensorType: { 2: "shape" },
  sequenceType: { 1: "type" },
  mapType: { 2: "type" },
  shape: { 1: "dim" },
  dim: { 2: "text" },
  function: {
    1: "text",
    4: "text",
    5: "text",
    6: "text",
    7: "node",
    9: "opset",
    10: "text",
    11: "attribute",
    12: "valueInfo",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<number, string>>>>;

const kindOf = (kind: Kind, field: number): FieldKind | undefined =>
  (SCHEMA[kind] as Readonly<Record<number, FieldKind>>)[field];

/** Reads a message; undefined where the bytes are none. */
export function parse(bytes: Uint8Array, kind: Kind = "model"): Message | undefined {
  const fields: Field[] = [];
  const reader = { at: 0 };
  while (reader.at < bytes.length) {
    const tag = readVarint(bytes, reader);
    if (tag === undefined) return undefined;
    const [number, wire] = [Number(tag >> 3n), Number(tag & 7n)];
    if (wire === 0) {
      const value = readVarint(bytes, reader);
      if (value === undefined) return undefined;
      fields.push({ number, value: { type: "varint", value } });
    } else if (wire === 1 || wire === 5) {
      const size = wire === 1 ? 8 : 4;
      if (reader.at + size > bytes.length) return undefined;
      fields.push({ number, value: { type: "fixed", bytes: bytes.slice(reader.at, reader.at + size) } });
      reader.at += size;
    } else if (wire === 2) {
      const length = Number(readVarint(bytes, reader) ?? -1n);
      if (length < 0 || reader.at + length > bytes.length) return undefined;
      const own = bytes.subarray(reader.at, reader.at + length);
      fields.push({ number, value: delimited(own, kindOf(kind, number)) });
      reader.at += length;
    } else return undefined;
  }
  return { kind, fields };
}

function delimited(bytes: Uint8Array, kind: FieldKind | undefined): FieldValue {
  if (kind === "text") return { type: "text", bytes };
  if (kind === "packed") {
    const values: bigint[] = [];
    const reader = { at: 0 };
    while (reader.at < bytes.length) {
      const value = readVarint(bytes, reader);
      if (value === undefined) return { type: "bytes", bytes };
      values.push(value);
    }
    return { type: "packed", values };
  }
  const message = kind && parse(bytes, kind);
  return message === undefined ? { type: "bytes", bytes } : { type: "message", message };
}

function readVarint(bytes: Uint8Array, reader: { at: number }): bigint | undefined {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[reader.at++];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return BigInt.asUintN(64, value);
  }
  return undefined;
}

/** The message as bytes. */
export function serialise(message: Message): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { number, value } of message.fields) {
    if (value.type === "varint") parts.push(varint(BigInt(number) << 3n), varint(value.value));
    else if (value.type === "fixed") {
      const wire = value.bytes.length === 8 ? 1n : 5n;
      parts.push(varint((BigInt(number) << 3n) | wire), value.bytes);
    } else {
      const body = bodyOf(value);
      parts.push(varint((BigInt(number) << 3n) | 2n), varint(BigInt(body.length)), body);
    }
  }
  return join(parts);
}

function bodyOf(value: Exclude<FieldValue, { type: "varint" | "fixed" }>): Uint8Array {
  if (value.type === "message") return serialise(value.message);
  if (value.type === "packed") return join(value.values.map(varint));
  return value.bytes;
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

/** Every message of a tree, outermost first. */
export function messagesOf(message: Message): Message[] {
  return [
    message,
    ...message.fields.flatMap(({ value }) => (value.type === "message" ? messagesOf(value.message) : [])),
  ];
}
