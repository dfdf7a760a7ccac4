import { arrayOf, numberIn, objectOf, oneOf, shown, stringOf } from "../arguments.ts";
import { DTYPES, type DType } from "../dtype.ts";
import { UsageError } from "../errors.ts";
import type { Attributes, AttributeValue, Dim, Fact, Graph, Node } from "../graph/graph.ts";
import { verifyGraph } from "../graph/verify.ts";
import { defaultAttributes } from "../ops/attributes.ts";
import type { AttributeSpec, Op } from "../ops/define.ts";
import { inferNode } from "../ops/infer.ts";
import { findOp } from "../ops/table.ts";
import { type TensorData, tensorData } from "../tensor.ts";

/** What `node` takes besides the operator, its inputs and its attributes. */
export interface NodeOptions {
  /** The node's name; its first output's by default. */
  readonly name?: string;
  /** Names of the outputs; `""` leaves one out. By default one output with a name made from the op. */
  readonly outputs?: readonly string[];
  /** `""` (the default) is ai.onnx. */
  readonly domain?: string;
}

/** Puts a graph together node by node. Values are their names. */
export interface GraphBuilder {
  /**
   * An input of the graph; dims may be symbols.
   *
   * @param name - The input's name, under which it is fed.
   * @param dtype - The type of its elements.
   */
  input(name: string, dtype: DType, dims: readonly Dim[]): string;
  /**
   * A constant: weights, or what an operator takes as an input (Reshape's shape). Its data is copied.
   *
   * @param name - The constant's name, which no other value has.
   */
  constant(name: string, data: TensorData): string;
  /**
   * An operator on values (`""` is an optional input left out), with its defaults for the attributes not given.
   * Returns the name of the first output. Throws a UsageError for an operator or attribute that is not in the op
   * table, a ShapeError or DTypeError where the inputs do not suit it.
   */
  node(op: string, inputs: readonly string[], attributes?: Attributes, options?: NodeOptions): string;
  /** Makes a value an output of the graph. */
  output(value: string): void;
  /**
   * The name, or with a number behind it where there is a value of that name already.
   *
   * @param base - The name that is wished for.
   */
  freshName(base: string): string;
  /** The nodes so far, in order. */
  nodes(): readonly Node[];
  /** What is known of a value so far: dtype and dims. */
  fact(value: string): Fact | undefined;
  /** The finished graph. */
  finish(): Graph;
}

/** What `graphBuilder` begins with. */
export interface GraphBuilderOptions {
  /** The graph's name: it stands in errors and in the exported model. */
  readonly name: string;
  /** The version of ai.onnx that the nodes follow. */
  readonly opset?: number;
  /** A graph to go on from, its facts inferred; its outputs are not taken over. */
  readonly from?: Graph;
}

const DEFAULT_OPSET = 21;

/** A builder of a graph of ONNX operators, checked as it grows. */
export function graphBuilder(options: GraphBuilderOptions): GraphBuilder {
  const { name, opset = DEFAULT_OPSET, from } = objectOf("graphBuilder: the options", options);
  stringOf("graphBuilder: name", name);
  numberIn("graphBuilder: opset", opset, { from: 1, whole: true });
  const facts = new Map<string, Fact>(from?.facts);
  const inputs: string[] = [...(from?.inputs ?? [])];
  const outputs: string[] = [];
  const nodes: Node[] = [...(from?.nodes ?? [])];
  const written = new Set<string>([...facts.keys(), ...inputs, ...nodes.flatMap((node) => node.outputs)]);
  /** Facts of inputs and constants: of what no node writes. */
  const givenFacts = (): Map<string, Fact> => {
    const made = new Set(nodes.flatMap((node) => node.outputs));
    return new Map([...facts].filter(([value]) => !made.has(value)));
  };

  const write = (value: string): string => {
    stringOf("a value's name", value);
    if (value === "" || written.has(value))
      throw new UsageError(`the value ${JSON.stringify(value)} is there already`);
    written.add(value);
    return value;
  };
  const read = (value: string, by: string): void => {
    stringOf(`${by}: a value's name`, value);
    if (!written.has(value)) throw new UsageError(`${by}: there is no value ${JSON.stringify(value)} yet`);
  };
  /** The number behind the last name that was made fresh, by its base. */
  const numbers = new Map<string, number>();
  const freshName = (base: string): string => {
    stringOf("a name", base);
    let candidate = base;
    for (let i = numbers.get(base) ?? 1; written.has(candidate); i++) {
      candidate = `${base}_${i}`;
      numbers.set(base, i);
    }
    return candidate;
  };
  const give = (value: string, fact: Fact): string => {
    write(value);
    facts.set(value, fact);
    return value;
  };

  return {
    input(value, dtype, dims) {
      stringOf("an input's name", value);
      oneOf(`the dtype of ${value}`, dtype, DTYPES);
      for (const dim of arrayOf(`the dims of ${value}`, dims))
        if (typeof dim !== "string" || dim === "")
          numberIn(`a dim of ${value}`, dim, { from: 0, whole: true });
      inputs.push(give(value, { dtype, dims: [...dims] }));
      return value;
    },
    constant(value, data) {
      stringOf("a constant's name", value);
      const { dtype, dims } = objectOf(`the constant ${value}`, data, "a tensor");
      oneOf(`the dtype of ${value}`, dtype, DTYPES);
      arrayOf(`the dims of ${value}`, dims);
      // What is made on demand is not made for a look at its length.
      if (data.writeTo === undefined) {
        objectOf(`the data of ${value}`, data.data, "an array");
        tensorData(dtype, dims, data.data as never);
      }
      const own = data.writeTo === undefined ? { dtype, dims, data: data.data.slice() as never } : data;
      return give(value, { dtype, dims, data: own });
    },
    nodes: () => nodes,
    freshName,
    node(type, operands, attributes = {}, given = {}) {
      stringOf("an operator's type", type);
      const { domain = "", ...options } = objectOf(`${type}: the options`, given);
      stringOf(`${type}: domain`, domain);
      if (options.name !== undefined) stringOf(`${type}: name`, options.name);
      const op = findOp(domain, type);
      if (op === undefined)
        throw new UsageError(`there is no operator ${domain === "" ? "" : `${domain}.`}${type}`);
      for (const value of arrayOf(`${type}: the inputs`, operands)) if (value !== "") read(value, type);
      if (options.outputs !== undefined) arrayOf(`${type}: the outputs`, options.outputs);
      const results = options.outputs ?? [freshName(type.toLowerCase())];
      const first = results.find((value) => value !== "");
      if (first === undefined) throw new UsageError(`${type}: an operator needs an output`);
      const node: Node = {
        name: options.name ?? first,
        op: type,
        domain,
        opset: domain === "" ? opset : 1,
        attributes: completeAttributes(op, attributes),
        inputs: [...operands],
        outputs: [...results],
      };
      checkInputs(op, node);
      const inferred = inferNode(node, (value) => facts.get(value));
      results.forEach((value, i) => {
        if (value === "") return;
        write(value);
        const fact = inferred[i];
        if (fact !== undefined) facts.set(value, fact);
      });
      nodes.push(node);
      return first;
    },
    output(value) {
      read(value, "output");
      outputs.push(value);
    },
    fact: (value) => facts.get(value),
    finish() {
      if (outputs.length === 0) throw new UsageError(`the graph ${JSON.stringify(name)} has no output`);
      const graph: Graph = {
        name,
        inputs: [...inputs],
        outputs: [...outputs],
        nodes: [...nodes],
        facts: givenFacts(),
      };
      verifyGraph(graph);
      return graph;
    },
  };
}

const isNumber = (value: unknown): value is number => typeof value === "number";
const isText = (value: unknown): value is string => typeof value === "string";
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const listOf =
  (of: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(of);

/** What an attribute's value must be. */
const ATTRIBUTE_FORMS: Readonly<Record<AttributeSpec<unknown>["kind"], (value: unknown) => boolean>> = {
  int: Number.isInteger,
  float: isNumber,
  string: isText,
  ints: listOf(Number.isInteger),
  floats: listOf(isNumber),
  strings: listOf(isText),
  tensor: isObject,
  tensors: listOf(isObject),
  graph: isObject,
};

function completeAttributes(op: Op, given: Attributes): Record<string, AttributeValue> {
  for (const [key, value] of Object.entries(objectOf(`${op.type}: the attributes`, given))) {
    const spec = Object.hasOwn(op.attributes, key) ? op.attributes[key] : undefined;
    if (spec !== undefined) {
      if (value !== undefined && !ATTRIBUTE_FORMS[spec.kind](value))
        throw new UsageError(
          `${op.type}: the attribute ${key} must be of the kind ${spec.kind}, got ${shown(value)}`,
        );
      continue;
    }
    const known = Object.keys(op.attributes).join(", ") || "none";
    throw new UsageError(`${op.type} has no attribute ${JSON.stringify(key)}; it has ${known}`);
  }
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const attributes = { ...defaultAttributes(op.attributes), ...present };
  for (const [key, spec] of Object.entries(op.attributes)) {
    if (spec.required && attributes[key] === undefined)
      throw new UsageError(`${op.type} needs the attribute ${key}`);
  }
  return attributes;
}

function checkInputs(op: Op, { inputs }: Node): void {
  const repeats = op.inputs.at(-1)?.endsWith("*") ?? false;
  const required = op.inputs.filter((name) => !/[?*]$/.test(name)).length;
  const missing = op.inputs.slice(0, required).findIndex((_, i) => (inputs[i] ?? "") === "");
  if (missing >= 0) throw new UsageError(`${op.type} needs the input ${op.inputs[missing]}`);
  if (!repeats && inputs.length > op.inputs.length) {
    throw new UsageError(`${op.type} takes ${op.inputs.length} inputs at most, got ${inputs.length}`);
  }
}
