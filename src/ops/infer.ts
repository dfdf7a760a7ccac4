import { LanewiseError, ShapeError } from "../errors.ts";
import { MAX_RANK } from "../graph/dims.ts";
import type { Fact, Graph, Node } from "../graph/graph.ts";
import { spend } from "../interruptible.ts";
import { isTensor, type RuntimeValue } from "../value.ts";
import {
  type AttributeSchema,
  type AttributesOf,
  byName,
  failShape,
  failType,
  type InferContext,
  type Op,
} from "./define.ts";
import { ElementKindError } from "./shared/elements.ts";
import { findOp } from "./table.ts";

/** Looks a value up in the graph being inferred and in those around it. */
export type FactScope = (name: string) => Fact | undefined;

/** Inference of a small node takes about as long as so many units of a definition's work. */
const UNITS_OF_A_NODE = 1 << 9;

/** Rounds in which a loop's facts settle: each turns a size or a rank unknown, so that more are hardly needed. */
const MOST_ROUNDS = 16;

/** Facts of a node's outputs; an unknown op gives none. `rounds` are those that a loop may take. */
export function inferNode(node: Node, scope: FactScope, rounds = MOST_ROUNDS): readonly Fact[] {
  const op = findOp(node.domain, node.op);
  if (op === undefined) return [];
  const inputs = node.inputs.map((name) => (name === "" ? undefined : scope(name)));
  const named = node.inputs.findIndex((name, i) => name !== "" && inputs[i] === undefined);
  // An input that nothing is known of (an unsupported op's output) leaves its readers unknown too.
  if (named >= 0) return [];
  for (const [i, fact] of inputs.entries()) checkDims(node, `input ${i}`, fact);
  spend(UNITS_OF_A_NODE);
  let facts: readonly Fact[];
  try {
    facts = op.infer(inferContext(op, node, inputs, scope, rounds));
  } catch (error) {
    if (error instanceof LanewiseError) throw error;
    if (error instanceof ElementKindError) failType(node, error.message);
    throw new ShapeError(node, `inference failed: ${(error as Error).message}`, { cause: error });
  }
  if (node.outputs.some((name, i) => name !== "" && i >= facts.length)) {
    throw new ShapeError(node, `has ${facts.length} outputs, the node names ${node.outputs.length}`);
  }
  for (const [i, fact] of facts.entries()) checkDims(node, `output ${i}`, fact);
  return facts;
}

function checkDims(node: Node, what: string, fact: Fact | undefined): void {
  const dims = fact?.dims ?? [];
  if (dims.length > MAX_RANK)
    throw new ShapeError(node, `${what} has ${dims.length} axes, a tensor has ${MAX_RANK} at most`);
  const wrong = dims.find((dim) => typeof dim === "number" && !(Number.isInteger(dim) && dim >= 0));
  if (wrong !== undefined) throw new ShapeError(node, `${what} has the size ${wrong}: [${dims}]`);
}

/** What is known of a value that is there; its data only where that is `constant`. */
export function factOfValue(value: RuntimeValue, constant: boolean): Fact {
  if (!isTensor(value)) {
    const { dtype, container } = value;
    if (container === "sequence" && value.held === "map" && value.values.length === 0)
      return { dtype, container, held: "map" };
    const inner = container === "optional" ? value.value : container === "sequence" ? value.values[0] : value;
    const map = inner !== undefined && !isTensor(inner) && inner.container === "map" ? inner : undefined;
    if (map !== undefined)
      return { dtype, container, keys: map.keys, ...(container !== "map" && { held: "map" }) };
    const held = container === "optional" && inner !== undefined && !isTensor(inner);
    return { dtype, container, ...(held && { held: "sequence" }) };
  }
  return { dtype: value.dtype, dims: value.dims, ...(constant && { data: value }) };
}

function inferContext(
  op: Op,
  node: Node,
  inputs: readonly (Fact | undefined)[],
  scope: FactScope,
  rounds: number,
): InferContext<AttributesOf<AttributeSchema>> {
  const fail = (message: string): never => failShape(node, message);
  const fact = (index: number) =>
    inputs[index] ?? fail(`input ${index} (${op.inputs[index] ?? "?"}) is missing`);
  return {
    node,
    attributes: node.attributes as AttributesOf<AttributeSchema>,
    opset: node.opset,
    inputCount: node.inputs.length,
    outputCount: node.outputs.length,
    inputs,
    fail,
    failType: (message) => failType(node, message),
    fact,
    facts: () => byName(op.inputs, (i, isNeeded) => (isNeeded ? fact(i) : inputs[i])),
    dims: (index) => inputs[index]?.dims,
    data: (index) => inputs[index]?.data,
    rounds,
    inferSubgraph: (graph, facts, inside = rounds) => inferSubgraph(graph, facts, scope, inside),
  };
}

function inferSubgraph(
  graph: Graph,
  inputs: readonly Fact[],
  scope: FactScope,
  rounds: number,
): (Fact | undefined)[] {
  const known = new Map<string, Fact>(graph.facts);
  graph.inputs.forEach((name, i) => {
    const fact = inputs[i];
    if (fact !== undefined) known.set(name, fact);
  });
  const inner: FactScope = (name) => known.get(name) ?? scope(name);
  for (const node of graph.nodes) {
    const facts = inferNode(node, inner, rounds);
    node.outputs.forEach((name, i) => {
      const fact = facts[i];
      if (name !== "" && fact !== undefined) known.set(name, fact);
    });
  }
  return graph.outputs.map((name) => inner(name));
}
