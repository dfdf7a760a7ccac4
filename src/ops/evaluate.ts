import { InternalError, LanewiseError, labelOf, MemoryError, ShapeError } from "../errors.ts";
import { concreteDims, type Graph, isConcrete, type Node, nodeReads } from "../graph/graph.ts";
import { finish, isWork, spend, type Work } from "../interruptible.ts";
import { assertFits, assertFitsHost, heldBytes } from "../memory-limit.ts";
import {
  type AttributeSchema,
  type AttributesOf,
  byName,
  type EvaluateContext,
  failShape,
  failType,
  isTensor,
  type Op,
  type RuntimeValue,
} from "./define.ts";
import { factOfValue, inferNode } from "./infer.ts";
import { ElementKindError } from "./shared/elements.ts";
import { findOp } from "./table.ts";

/** Looks a value up in the graph being run and in those around it. */
export type ValueScope = (name: string) => RuntimeValue | undefined;

const noScope: ValueScope = () => undefined;

/** What evaluation may take. */
export interface EvaluateLimits {
  /** The most bytes of any one value; by default what wasm could hold. */
  readonly maxBytes?: number | undefined;
  /** Whether the node's outputs are known to fit already. */
  readonly fits?: boolean;
}

/** A node's outputs by its op's definition. Subgraphs see `scope`. */
export const evaluateNode = (
  node: Node,
  values: readonly (RuntimeValue | undefined)[],
  scope: ValueScope = noScope,
): readonly (RuntimeValue | undefined)[] => finish(evaluating(node, values, scope));

/** `evaluateNode` as work that can be interrupted where the node runs subgraphs. */
export function* evaluating(
  node: Node,
  values: readonly (RuntimeValue | undefined)[],
  scope: ValueScope,
  limits: EvaluateLimits = {},
): Work<readonly (RuntimeValue | undefined)[]> {
  const op = findOp(node.domain, node.op);
  if (op === undefined) throw new InternalError(`${node.op} has no definition`);
  try {
    if (limits.fits !== true) assertOutputsFit(node, values, scope, limits.maxBytes);
    const results = op.evaluate(evaluateContext(op, node, values, scope, limits.maxBytes));
    const outputs = isWork(results) ? yield* results : results;
    for (const value of outputs)
      if (value !== undefined && !isTensor(value))
        assertFits(labelOf(node), heldBytes(value), limits.maxBytes);
    return outputs;
  } catch (error) {
    if (error instanceof LanewiseError) throw error;
    if (error instanceof ElementKindError) failType(node, error.message);
    throw asTyped(node, error as Error);
  }
}

/** Arrays that the engine could not make are a matter of memory; whatever else falls, of the node's inputs. */
const asTyped = (node: Node, error: Error): LanewiseError =>
  error instanceof RangeError && /alloc|length|memory|array size/i.test(error.message)
    ? new MemoryError(Number.NaN, `${labelOf(node)}: ${error.message}`, { cause: error })
    : new ShapeError(node, `evaluation failed: ${error.message}`, { cause: error });

/** What inference says of the outputs, now that all inputs are there, before anything is made. */
function assertOutputsFit(
  node: Node,
  values: readonly (RuntimeValue | undefined)[],
  scope: ValueScope,
  maxBytes: number | undefined,
): void {
  const own = new Map(node.inputs.map((name, i) => [name, values[i]]));
  const facts = inferNode(node, (name) => {
    const value = own.get(name) ?? scope(name);
    return value && factOfValue(value, true);
  });
  facts.forEach((fact, i) => {
    if (fact?.container === undefined && isConcrete(fact) && node.outputs[i])
      assertFitsHost(`${labelOf(node)}: output ${i}`, fact.dtype, concreteDims(fact), maxBytes);
  });
}

function evaluateContext(
  op: Op,
  node: Node,
  values: readonly (RuntimeValue | undefined)[],
  scope: ValueScope,
  maxBytes: number | undefined,
): EvaluateContext<AttributesOf<AttributeSchema>> {
  const fail = (message: string): never => failShape(node, message);
  const optional = (index: number) => {
    const value = values[index];
    if (value === undefined || isTensor(value)) return value;
    return fail(`input ${index} is a ${value.container}, expected a tensor`);
  };
  const tensor = (index: number) =>
    optional(index) ?? fail(`input ${index} (${op.inputs[index] ?? "?"}) is missing`);
  return {
    node,
    attributes: node.attributes as AttributesOf<AttributeSchema>,
    opset: node.opset,
    inputCount: node.inputs.length,
    outputCount: node.outputs.length,
    values,
    fail,
    failType: (message) => failType(node, message),
    optional,
    tensor,
    tensors: () => byName(op.inputs, (i, isNeeded) => (isNeeded ? tensor(i) : optional(i))),
    runSubgraph: (graph, inputs) => interpreting(graph, inputs, scope, maxBytes),
    assertFits: (bytes) => assertFits(labelOf(node), bytes, maxBytes),
  };
}

/**
 * Runs a graph by its operators' definitions, node after node: slow, and the oracle for everything fast.
 * `feeds` are the graph's inputs in order; the result its outputs.
 */
export const interpret = (
  graph: Graph,
  feeds: readonly RuntimeValue[],
  outer: ValueScope = noScope,
): RuntimeValue[] => finish(interpreting(graph, feeds, outer));

/** More than the evaluation of a small node takes. */
const UNITS_OF_A_NODE = 1 << 10;

function* interpreting(
  graph: Graph,
  feeds: readonly RuntimeValue[],
  outer: ValueScope,
  maxBytes?: number,
): Work<RuntimeValue[]> {
  yield;
  spend(UNITS_OF_A_NODE);
  const values = new Map<string, RuntimeValue>();
  for (const [name, fact] of graph.facts) if (fact.data !== undefined) values.set(name, fact.data);
  graph.inputs.forEach((name, i) => {
    const feed = feeds[i];
    if (feed !== undefined) values.set(name, feed);
  });
  const scope: ValueScope = (name) => values.get(name) ?? outer(name);
  const lastUse = new Map<string, number>();
  graph.nodes.forEach((node, i) => {
    for (const name of nodeReads(node)) lastUse.set(name, i);
  });
  const keep = new Set(graph.outputs);
  for (const [i, node] of graph.nodes.entries()) {
    yield;
    spend(UNITS_OF_A_NODE);
    const results = yield* evaluating(
      node,
      node.inputs.map((name) => (name === "" ? undefined : scope(name))),
      scope,
      { maxBytes },
    );
    node.outputs.forEach((name, k) => {
      const result = results[k];
      if (name !== "" && result !== undefined) values.set(name, result);
    });
    for (const name of nodeReads(node)) if (lastUse.get(name) === i && !keep.has(name)) values.delete(name);
  }
  return graph.outputs.map((name) => {
    const value = scope(name);
    if (value === undefined) throw new InternalError(`nothing gave the output ${JSON.stringify(name)}`);
    return value;
  });
}
