import { onnxAttributeName, type AttributeSpec as SchemaEntry } from "../../src/ops/define.ts";
import { findOp } from "../../src/ops/table.ts";
import type { Case } from "../differential/operators/case.ts";
import { type AttributeSpec, float, type NodeSpec } from "../support/onnx-model.ts";
import type { Random } from "../support/random.ts";

/** Whole numbers at which 16-, 32-, 53- and 64-bit arithmetic ends. */
const INTS = [
  ...[0, -1, 1, 2, 3, 2 ** 15, 2 ** 16, 2 ** 24, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, -(2 ** 31)],
  ...[2 ** 53 - 1, 2 ** 53, 2 ** 62, 2 ** 63 - 1024, -(2 ** 63)],
];
const FLOATS = [0, -0, 1, -1, Infinity, -Infinity, Number.NaN, 1e38, -1e38, 1e-38, -1e-38, 1e-45];
const STRINGS = ["", "x", "NONE", "constructor", "__proto__", "\u0000", "a".repeat(1000)];

type Schema = SchemaEntry<unknown>;

/** An extreme value of the attribute's kind; undefined for kinds that are not drawn. */
function extreme(
  random: Random,
  schema: Schema,
  given: AttributeSpec | undefined,
): AttributeSpec | undefined {
  switch (schema.kind) {
    case "int":
      return random.pick(INTS);
    case "float":
      return float(random.pick(FLOATS));
    case "string":
      return random.pick(STRINGS);
    case "ints":
      return list(random, Array.isArray(given) ? (given as number[]) : [1, 1], INTS);
    case "floats": {
      const own = typeof given === "object" && "float" in given ? given.float : [1, 1];
      return float(list(random, Array.isArray(own) ? (own as number[]) : [1, 1], FLOATS));
    }
    case "strings":
      return {
        proto: { type: 8, strings: strings(random, given).map((text) => new TextEncoder().encode(text)) },
      };
    default:
      return undefined;
  }
}

const strings = (random: Random, given: AttributeSpec | undefined): string[] =>
  list(random, Array.isArray(given) ? (given as string[]) : ["a"], STRINGS);

/** The list with one element or all replaced, without its last, longer, very long or empty. */
function list<T>(random: Random, given: readonly T[], values: readonly T[]): T[] {
  const [how, at] = [random.whole(0, 6), random.whole(0, Math.max(0, given.length - 1))];
  if (how === 0) return [];
  if (how === 1) return [...given, random.pick(values)];
  if (how === 2) return given.slice(0, -1);
  if (how === 3) return [...given, ...Array.from({ length: 300 }, () => random.pick(values))];
  if (how === 4) return given.map(() => random.pick(values));
  return given.map((value, i) => (i === at ? random.pick(values) : value));
}

/** The attributes of an operator that can be drawn, by their names in files. */
export function drawable(domain: string, op: string): [name: string, schema: Schema][] {
  return Object.entries(findOp(domain, op)?.attributes ?? {})
    .filter(([, { kind }]) => !["tensor", "tensors", "graph"].includes(kind))
    .map(([key, schema]) => [onnxAttributeName(key), schema]);
}

/** The case with one attribute of the operator, at times two or three, set to extremes. */
export function withExtremes(random: Random, given: Case, domain: string, op: string): [Case, string] {
  const known = random.shuffle(drawable(domain, op));
  const chosen = known.slice(0, random.pick([1, 1, 1, 2, 3]));
  const shown: string[] = [];
  const change = (node: NodeSpec): NodeSpec => {
    if (node.op !== op || (node.domain ?? "") !== domain) return node;
    const attributes = { ...node.attributes };
    for (const [name, schema] of chosen) {
      const value = extreme(random, schema, attributes[name]);
      if (value === undefined) continue;
      // protobufjs writes a 32-bit number where it is told an attribute is one.
      attributes[name] = value;
      shown.push(`${name}=${show(value)}`);
    }
    return { ...node, attributes };
  };
  const spec = { ...given.spec, nodes: given.spec.nodes.map(change) };
  return [{ ...given, spec }, shown.join(" ")];
}

const show = (value: AttributeSpec): string => {
  const own = typeof value === "object" && "float" in value ? value.float : value;
  const text = Array.isArray(own)
    ? `[${own.map(String)}]`
    : typeof own === "object"
      ? "strings"
      : JSON.stringify(own) === "null"
        ? String(own)
        : JSON.stringify(own);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
};
