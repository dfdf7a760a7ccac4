import { type Fact, isConcrete } from "../../src/graph/graph.ts";
import { defaultAttributes } from "../../src/ops/attributes.ts";
import { onnxAttributeName } from "../../src/ops/define.ts";
import { inferNode } from "../../src/ops/infer.ts";
import { findOp } from "../../src/ops/table.ts";
import { elementCount, type TensorData } from "../../src/tensor.ts";
import {
  type AttributeSpec,
  type GraphSpec,
  type ModelSpec,
  type NodeSpec,
  node,
  type TypeSpec,
} from "../support/onnx-model.ts";
import { type Random, random } from "../support/random.ts";
import { LAYERS } from "./layers.ts";

const OPSET = 21;

/** A float32 value of the graph that is being drawn. */
export interface Value {
  readonly name: string;
  readonly dims: readonly number[];
}

/** What a layer draws with: it looks at values, adds nodes and says which values it made. */
export interface Drawing {
  readonly random: Random;
  /** A value drawn so far, late ones more likely; undefined where none fits. */
  value(fits?: (value: Value) => boolean): Value | undefined;
  values(fits: (value: Value) => boolean): Value[];
  /** Adds a node and gives the names of its outputs, whatever they hold. */
  emit(
    op: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeSpec>>,
    outputs?: number,
  ): string[];
  /** Adds a node; its float32 outputs become values that later layers may read. */
  add(
    op: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeSpec>>,
    outputs?: number,
  ): Value[];
  weight(dims: readonly number[], low?: number, high?: number): string;
  constant(tensor: TensorData): string;
  longs(values: readonly number[]): string;
}

export interface RandomGraph {
  readonly spec: ModelSpec;
  readonly feeds: readonly Readonly<Record<string, TensorData>>[];
  /** Values between inputs and outputs. */
  readonly inner: readonly string[];
}

/** The largest value a graph may hold. */
const MAX_ELEMENTS = 12000;

class TooLarge extends Error {}

/** Draws one layer; where a value would grow too large the layer ends early. */
function drawLayer(drawing: Drawing): void {
  try {
    drawing.random.pick(LAYERS)(drawing);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
  }
}

/** A small convolutional network that the seed fixes, with two sets of feeds. */
export function randomGraph(seed: number): RandomGraph {
  const draw = random(seed);
  const facts = new Map<string, Fact>();
  const nodes: NodeSpec[] = [];
  const initializers: Record<string, TensorData> = {};
  const inputs: Record<string, TypeSpec> = {};
  const values: Value[] = [];
  const read = new Set<string>();
  let count = 0;

  const drawing: Drawing = {
    random: draw,
    values: (fits) => values.filter(fits),
    value(fits = () => true) {
      const fitting = values.filter(fits);
      if (fitting.length === 0) return undefined;
      const late = draw.chance(0.6) ? Math.max(0, fitting.length - 2) : 0;
      return fitting[draw.whole(late, fitting.length - 1)];
    },
    emit(op, names, attributes = {}, outputs = 1) {
      const made = Array.from({ length: outputs }, () => `v${count++}`);
      const spec = node(op, names, made, attributes);
      const inferred = inferOutputs(spec, facts);
      if (inferred.some((fact) => isConcrete(fact) && elementCount(fact.dims) > MAX_ELEMENTS))
        throw new TooLarge();
      nodes.push(spec);
      for (const name of [...names, ...capturedBy(spec)]) read.add(name);
      made.forEach((name, i) => {
        const fact = inferred[i];
        if (fact !== undefined) facts.set(name, fact);
      });
      return made;
    },
    add(op, names, attributes = {}, outputs = 1) {
      return drawing.emit(op, names, attributes, outputs).flatMap((name) => {
        const fact = facts.get(name);
        if (!isConcrete(fact) || fact.dtype !== "float32" || elementCount(fact.dims) === 0) return [];
        const value = { name, dims: fact.dims };
        values.push(value);
        return [value];
      });
    },
    weight(dims, low, high) {
      const fan = Math.sqrt(Math.max(1, elementCount(dims.slice(1))));
      return drawing.constant(draw.tensor("float32", dims, low ?? -1.7 / fan, high ?? 1.7 / fan));
    },
    constant(tensor) {
      const name = `c${count++}`;
      initializers[name] = tensor;
      facts.set(name, { dtype: tensor.dtype, dims: tensor.dims, data: tensor });
      return name;
    },
    longs: (list) =>
      drawing.constant({ dtype: "int64", dims: [list.length], data: BigInt64Array.from(list.map(BigInt)) }),
  };

  const flat = draw.chance(0.2);
  const batch = draw.pick([1, 1, 1, 2, 3]);
  const dynamic = draw.chance(0.25);
  const wide = draw.chance(0.15);
  const image = flat ? [draw.whole(3, 17)] : [draw.whole(2, wide ? 21 : 9), draw.whole(2, wide ? 19 : 11)];
  for (let i = draw.pick([1, 1, 2, 3]); i > 0; i--) {
    const name = `x${i}`;
    const dims = [batch, draw.pick([1, 2, 3, 3, 4, 5, 7, 8, 13, 16]), ...image];
    inputs[name] = { dtype: "float32", dims: dynamic ? ["N", ...dims.slice(1)] : dims };
    facts.set(name, { dtype: "float32", dims });
    values.push({ name, dims });
  }
  for (let i = draw.whole(3, 14); i > 0; i--) drawLayer(drawing);
  if (nodes.length === 0) drawing.add("Relu", [values[0]?.name as string]);

  const made = nodes.flatMap((made) => made.outputs);
  const leaves = made.filter((name) => !read.has(name) && facts.has(name) && draw.chance(0.95));
  const extra = made.filter((name) => read.has(name) && draw.chance(0.06));
  const outputs = draw.shuffle([
    ...new Set([...leaves, ...extra, ...(leaves.length === 0 ? made.slice(-1) : [])]),
  ]);
  const feedsOf = (n: number): Record<string, TensorData> =>
    Object.fromEntries(
      Object.entries(inputs).map(([name, { dims }]) => [
        name,
        draw.tensor("float32", [n, ...(dims as number[]).slice(1)]),
      ]),
    );
  return {
    spec: { inputs, outputs, initializers, nodes, opset: OPSET },
    feeds: [feedsOf(batch), feedsOf(dynamic ? batch + 1 : batch)],
    inner: draw.shuffle(made.filter((name) => !outputs.includes(name) && facts.has(name))).slice(0, 3),
  };
}

/** Outer values that a node's subgraphs read. */
const capturedBy = (spec: NodeSpec): string[] =>
  Object.values(spec.attributes ?? {}).flatMap((value) =>
    typeof value === "object" && "nodes" in value ? value.nodes.flatMap(({ inputs }) => inputs) : [],
  );

function inferOutputs(spec: NodeSpec, facts: ReadonlyMap<string, Fact>): readonly Fact[] {
  const op = findOp("", spec.op);
  if (op === undefined) throw new Error(`no op ${spec.op}`);
  const attributes = defaultAttributes(op.attributes);
  for (const key of Object.keys(op.attributes)) {
    const given = spec.attributes?.[onnxAttributeName(key)] ?? spec.attributes?.[key];
    if (typeof given === "object" && "nodes" in given) return branchFacts(given, facts);
    if (given !== undefined)
      attributes[key] = (typeof given === "object" && "float" in given ? given.float : given) as never;
  }
  const bare = { name: spec.outputs[0] ?? "", op: spec.op, domain: "", opset: OPSET, attributes };
  return inferNode({ ...bare, inputs: spec.inputs, outputs: spec.outputs }, (name) => facts.get(name));
}

/** What an If gives: its branches agree. */
function branchFacts(branch: GraphSpec, outer: ReadonlyMap<string, Fact>): readonly Fact[] {
  const facts = new Map(outer);
  for (const inner of branch.nodes) {
    inferOutputs(inner, facts).forEach((fact, i) => {
      facts.set(inner.outputs[i] as string, fact);
    });
  }
  return (branch.outputs as readonly string[]).map((name) => facts.get(name) as Fact);
}

/** The graph as text, for a failing seed. */
export function describeGraph({ spec }: RandomGraph): string {
  const constant = (name: string): string => {
    const data = spec.initializers?.[name];
    if (data === undefined) return name;
    return data.data.length <= 8 && data.dtype === "int64" ? `[${data.data}]` : `${name}[${data.dims}]`;
  };
  const lines = spec.nodes.map(
    ({ op, inputs, outputs, attributes }) =>
      `${outputs.join(", ")} = ${op}(${inputs.map(constant).join(", ")}) ${JSON.stringify(attributes)}`,
  );
  const given = Object.entries(spec.inputs ?? {}).map(([name, { dims }]) => `${name}[${dims}]`);
  return [`inputs ${given.join(", ")}`, ...lines, `outputs ${(spec.outputs as string[]).join(", ")}`].join(
    "\n",
  );
}
