import { MemoryError, ShapeError } from "../errors.ts";
import type { Fact, Graph, Node } from "../graph/graph.ts";
import { concreteDims, isConcrete, nodeReads } from "../graph/graph.ts";
import { finish, finishWithin, type Work } from "../interruptible.ts";
import { assertFitsHost } from "../memory-limit.ts";
import { evaluating } from "../ops/evaluate.ts";
import { inferNode } from "../ops/infer.ts";
import { findOp } from "../ops/table.ts";
import { elementCount } from "../tensor.ts";
import { isTensor } from "../value.ts";

/** A constant larger than this is computed when the graph runs, not while it is compiled. */
const MAX_FOLDED_ELEMENTS = 1 << 28;
/** So is one that takes more work: half a second or so. */
const MAX_FOLDING_UNITS = 1 << 27;
/** Nodes that took too much: they stay, however often a graph is compiled. */
const tooMuchWork = new WeakSet<Node>();

/**
 * Infers every value's fact, in order, and folds nodes whose inputs are all constant: shape arithmetic vanishes here.
 * Both go together because an inferred shape may need the data that folding gives.
 */
export const propagateFacts = (graph: Graph): Graph => finish(propagatingFacts(graph));

/** `propagateFacts` as work that can be interrupted; no folded value takes more than `maxBytes`. */
export const propagatingFacts = (graph: Graph, maxBytes?: number): Work<Graph> =>
  propagate(graph, () => false, maxBytes);

/** The same, but dequantised constants stay nodes, for "fuse quantized" to find. */
export const propagatingQuantizedFacts = (graph: Graph, maxBytes?: number): Work<Graph> =>
  propagate(graph, isDequantize, maxBytes);

/** Folds the dequantised constants that are left, where there are any. */
export function* foldingDequantized(graph: Graph, maxBytes?: number): Work<Graph> {
  const isFoldable = (node: Node) =>
    isDequantize(node) && graph.facts.get(node.inputs[0] as string)?.data !== undefined;
  return graph.nodes.some(isFoldable) ? yield* propagatingFacts(graph, maxBytes) : graph;
}

const isDequantize = (node: Node): boolean => node.op === "DequantizeLinear" && node.domain === "";

function* propagate(graph: Graph, keeps: (node: Node) => boolean, maxBytes?: number): Work<Graph> {
  const facts = new Map<string, Fact>();
  for (const name of graph.inputs) {
    const fact = graph.facts.get(name);
    if (fact !== undefined) facts.set(name, fact);
  }
  for (const [name, fact] of graph.facts) if (fact.data !== undefined) facts.set(name, fact);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    yield;
    const inferred = inferNode(node, (name) => facts.get(name));
    node.outputs.forEach((name, i) => {
      const fact = inferred[i];
      if (name !== "" && fact !== undefined) facts.set(name, checked(node, fact));
    });
    const allKnown = node.outputs.every((name) => name === "" || facts.get(name)?.data !== undefined);
    if (!(allKnown && node.outputs.length > 0) && (keeps(node) || !fold(node, facts, maxBytes)))
      nodes.push(node);
  }
  return { ...graph, nodes, facts };
}

/** Sizes that no memory holds are refused where they arise. */
function checked(node: Node, fact: Fact): Fact {
  if (!isConcrete(fact)) return fact;
  const dims = concreteDims(fact);
  if (dims.some((dim) => dim < 0 || !Number.isSafeInteger(dim)))
    throw new ShapeError(node, `gives dims [${dims}]`);
  return fact;
}

function fold(node: Node, facts: Map<string, Fact>, maxBytes: number | undefined): boolean {
  // What is not in the table cannot run, and is here only beside what can.
  const op = findOp(node.domain, node.op);
  if (op === undefined || op.impure || tooMuchWork.has(node)) return false;
  for (const name of nodeReads(node)) if (facts.get(name)?.data === undefined) return false;
  for (const name of node.outputs) {
    const fact = facts.get(name);
    if (fact?.container !== undefined) return false;
    if (isConcrete(fact) && elementCount(concreteDims(fact)) > MAX_FOLDED_ELEMENTS) return false;
  }
  const work = evaluating(
    node,
    node.inputs.map((name) => facts.get(name)?.data),
    (name) => facts.get(name)?.data,
    { maxBytes, fits: true },
  );
  const results = withinMemory(() => {
    for (const name of node.outputs) {
      const fact = facts.get(name);
      if (isConcrete(fact)) assertFitsHost(name, fact.dtype, concreteDims(fact), maxBytes);
    }
    return finishWithin(work, MAX_FOLDING_UNITS);
  });
  if (results === undefined) {
    tooMuchWork.add(node);
    return false;
  }
  if (!node.outputs.every((name, i) => name === "" || isTensor(results[i]))) return false;
  node.outputs.forEach((name, i) => {
    const data = results[i];
    if (name !== "" && isTensor(data)) facts.set(name, { dtype: data.dtype, dims: data.dims, data });
  });
  return true;
}

/** What is too large stays a node: if it is needed, planning or the run says so. */
function withinMemory<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof MemoryError) return undefined;
    throw error;
  }
}

/** A graph whose inputs have the given dims. */
export function bindInputs(graph: Graph, dims: ReadonlyMap<string, readonly number[] | undefined>): Graph {
  const facts = new Map(graph.facts);
  for (const name of graph.inputs) {
    const fact = facts.get(name);
    const bound = dims.get(name);
    if (fact !== undefined && bound !== undefined) facts.set(name, { ...fact, dims: bound });
  }
  return { ...graph, facts };
}
