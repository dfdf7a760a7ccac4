import { onnxAttributeName } from "../../src/ops/define.ts";
import { EXTRA_OPS } from "../../src/ops/extra.ts";
import { OPS } from "../../src/ops/index.ts";
import type { Random } from "../support/random.ts";
import { EXTREMES, FLOAT_EXTREMES, mutateBytes, mutateElements } from "./mutate-bytes.ts";
import { type Field, type FieldValue, type Message, messagesOf, parse, serialise } from "./wire.ts";

const OPERATORS = [...OPS, ...EXTRA_OPS];
const OP_TYPE = 4;
const NODE_ATTRIBUTE = 5;
const INT = 2;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const read = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** One edit of a model that knows how it is built: fields, not bytes. Bytes that are no model change as bytes. */
export function mutateModel(bytes: Uint8Array, draw: Random): Uint8Array {
  if (draw.chance(0.12)) return mutateBytes(bytes, draw);
  const model = parse(bytes);
  if (model === undefined) return mutateBytes(bytes, draw);
  const messages = messagesOf(model);
  const edit = draw.pick(draw.chance(0.4) ? GENTLE : EDITS);
  for (let attempt = 0; attempt < 20; attempt++) if (edit(messages, draw)) return serialise(model);
  return mutateBytes(bytes, draw);
}

/** Changes something somewhere in a tree of messages; false where it found nothing that it changes. */
type Edit = (messages: readonly Message[], draw: Random) => boolean;

interface Chosen {
  readonly message: Message;
  readonly field: Field;
  readonly index: number;
}

function choose(
  messages: readonly Message[],
  draw: Random,
  fits: (value: FieldValue) => boolean,
): Chosen | undefined {
  const message = draw.pick(messages);
  const indices = message.fields.flatMap(({ value }, i) => (fits(value) ? [i] : []));
  if (indices.length === 0) return undefined;
  const index = draw.pick(indices);
  return { message, field: message.fields[index] as Field, index };
}

/** An extreme, or the number's neighbour. */
const otherNumber = (value: bigint, draw: Random): bigint => {
  const signed = BigInt.asIntN(64, value);
  return draw.chance(0.6)
    ? draw.pick(EXTREMES)
    : draw.pick([signed + 1n, signed - 1n, signed * 2n, -signed, BigInt(draw.whole(-9, 40))]);
};

const number: Edit = (messages, draw) => {
  const chosen = choose(messages, draw, ({ type }) => type === "varint" || type === "packed");
  if (chosen === undefined) return false;
  const { value } = chosen.field;
  if (value.type === "varint") value.value = otherNumber(value.value, draw);
  else if (value.type === "packed") {
    const at = draw.whole(0, value.values.length);
    if (at === value.values.length || draw.chance(0.1)) value.values.splice(at, 0, draw.pick(EXTREMES));
    else if (draw.chance(0.15)) value.values.splice(at, 1);
    else value.values[at] = otherNumber(value.values[at] as bigint, draw);
  }
  return true;
};

const real: Edit = (messages, draw) => {
  const chosen = choose(messages, draw, (value) => value.type === "fixed" && value.bytes.length === 4);
  if (chosen?.field.value.type !== "fixed") return false;
  chosen.field.value = {
    type: "fixed",
    bytes: new Uint8Array(Float32Array.of(draw.pick(FLOAT_EXTREMES)).buffer),
  };
  return true;
};

/** Another name of the same kind of field, an operator's for an operator's. */
const name: Edit = (messages, draw) => {
  const chosen = choose(messages, draw, ({ type }) => type === "text");
  if (chosen === undefined) return false;
  const { message, field } = chosen;
  if (message.kind === "entry" && field.number === 2 && draw.chance(0.6)) {
    field.value = { type: "text", bytes: text(String(draw.pick(EXTREMES))) };
    return true;
  }
  if (draw.chance(0.1)) {
    field.value = {
      type: "text",
      bytes: text(draw.pick(["", "__proto__", "constructor", "a\u0000b", "é", "toString"])),
    };
    return true;
  }
  const others = messages.flatMap((other) =>
    other.fields.flatMap((own) =>
      own.value.type === "text" && sameRole(own, other, chosen) ? [own.value] : [],
    ),
  );
  field.value = { ...draw.pick(others) };
  return true;
};

const operator: Edit = (messages, draw) => {
  const node = draw.pick(messages.filter(({ kind }) => kind === "node"));
  const type = node?.fields.find((field) => field.number === OP_TYPE);
  if (type === undefined) return false;
  type.value = { type: "text", bytes: text(draw.pick(OPERATORS).type) };
  return true;
};

/** Names of values may stand for one another wherever they are. */
function sameRole(field: Field, message: Message, to: Chosen): boolean {
  const isValue = (kind: Message["kind"], number: number): boolean =>
    (kind === "node" && (number === 1 || number === 2)) ||
    (kind === "valueInfo" && number === 1) ||
    (kind === "tensor" && number === 8);
  if (isValue(to.message.kind, to.field.number)) return isValue(message.kind, field.number);
  return message.kind === to.message.kind && field.number === to.field.number;
}

const remove: Edit = (messages, draw) => {
  const chosen = choose(messages, draw, () => true);
  chosen?.message.fields.splice(chosen.index, 1);
  return chosen !== undefined;
};

const repeat: Edit = (messages, draw) => {
  const chosen = choose(messages, draw, () => true);
  if (chosen === undefined) return false;
  const { message, index, field } = chosen;
  message.fields.splice(
    draw.chance(0.5) ? index : draw.whole(0, message.fields.length),
    0,
    structuredClone(field),
  );
  return true;
};

const swap: Edit = (messages, draw) => {
  const chosen = choose(messages, draw, () => true);
  if (chosen === undefined) return false;
  const { message, index, field } = chosen;
  const others = message.fields.flatMap((other, i) =>
    i !== index && other.number === field.number ? [i] : [],
  );
  if (others.length === 0) return false;
  const at = draw.pick(others);
  [message.fields[index], message.fields[at]] = [message.fields[at] as Field, field];
  return true;
};

/** What stands in one place also stands in another: nodes, tensors, attributes, whole graphs. */
const transplant: Edit = (messages, draw) => {
  const chosen = choose(messages, draw, ({ type }) => type === "message");
  if (chosen?.field.value.type !== "message") return false;
  const { kind } = chosen.field.value.message;
  const others = messages.filter((message) => message.kind === kind && size(message) < 20000);
  if (others.length === 0) return false;
  chosen.field.value = { type: "message", message: structuredClone(draw.pick(others)) };
  return true;
};

const size = (message: Message): number =>
  message.fields.reduce((sum, { value }) => {
    if (value.type === "message") return sum + size(value.message);
    return sum + ("bytes" in value ? value.bytes.length : 8);
  }, 0);

const elements: Edit = (messages, draw) => {
  const tensors = messages.filter(({ kind }) => kind === "tensor");
  if (tensors.length === 0) return false;
  const chosen = choose(tensors, draw, ({ type }) => type === "bytes");
  if (chosen?.field.value.type !== "bytes") return false;
  const { bytes } = chosen.field.value;
  chosen.field.value = {
    type: "bytes",
    bytes: draw.chance(0.85) ? mutateElements(bytes, draw) : mutateBytes(bytes, draw),
  };
  return true;
};

/** An attribute that the operator has, extreme. */
const attribute: Edit = (messages, draw) => {
  const node = draw.pick(messages.filter(({ kind }) => kind === "node"));
  const opType = node?.fields.find((field) => field.number === OP_TYPE)?.value;
  if (node === undefined || opType?.type !== "text") return false;
  const op = OPERATORS.find(({ type }) => type === read(opType.bytes));
  const keys = Object.keys(op?.attributes ?? {});
  if (keys.length === 0) return false;
  const key = onnxAttributeName(draw.pick(keys));
  const named = (field: Field): boolean =>
    field.value.type === "message" &&
    field.value.message.fields.some(
      ({ number, value }) => number === 1 && "bytes" in value && read(value.bytes) === key,
    );
  node.fields = node.fields.filter((field) => field.number !== NODE_ATTRIBUTE || !named(field));
  node.fields.push({
    number: NODE_ATTRIBUTE,
    value: { type: "message", message: { kind: "attribute", fields: extremeAttribute(key, draw) } },
  });
  return true;
};

/** Field numbers and types of onnx.AttributeProto. */
function extremeAttribute(key: string, draw: Random): Field[] {
  const fields: Field[] = [{ number: 1, value: { type: "text", bytes: text(key) } }];
  const type = draw.pick([1, INT, INT, 7, 7, 7, 6, 3]);
  const whole = (): bigint =>
    draw.chance(0.5) ? BigInt(draw.whole(-2, 6)) : BigInt.asUintN(64, draw.pick(EXTREMES));
  const single = (): Uint8Array => new Uint8Array(Float32Array.of(draw.pick(FLOAT_EXTREMES)).buffer);
  if (type === 1) fields.push({ number: 2, value: { type: "fixed", bytes: single() } });
  else if (type === INT) fields.push({ number: 3, value: { type: "varint", value: whole() } });
  else if (type === 3)
    fields.push({
      number: 4,
      value: { type: "text", bytes: text(draw.pick(["", "NOTSET", "SAME_UPPER", "linear", "x"])) },
    });
  else
    for (let i = draw.whole(0, 5); i > 0; i--) {
      if (type === 7) fields.push({ number: 8, value: { type: "varint", value: whole() } });
      else fields.push({ number: 7, value: { type: "fixed", bytes: single() } });
    }
  fields.push({ number: 20, value: { type: "varint", value: BigInt(type) } });
  return fields;
}

/** What most models survive. */
const GENTLE: readonly Edit[] = [elements, elements, real, attribute, swap, operator];

const EDITS: readonly Edit[] = [
  number,
  number,
  number,
  name,
  name,
  name,
  remove,
  repeat,
  swap,
  transplant,
  elements,
  elements,
  attribute,
  attribute,
  real,
];
