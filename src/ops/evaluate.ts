import { InternalError, LanewiseError, ShapeError } from "../errors.ts";
import { type Graph, type Node, nodeReads } from "../graph/graph.ts";
import {
  type AttributeSchema,
  type AttributesOf,
  type EvaluateContext,
  failShape,
  failType,
  isTensor,
  type Op,
  type RuntimeValue,
} from "./define.ts";
import { findOp } from "./table.ts";

/** Looks a value up in the graph being run and in those around it. */
export type ValueScope = (name: string) => RuntimeValue | undefined;

const noScope: ValueScope = () => undefined;

/** A node's outputs by its op's definition. Subgraphs see `scope`. */
export function evaluateNode(
  node: Node,
  values: readonly (RuntimeValue | undefined)[],
  scope: ValueScope = noScope,
): readonly (RuntimeValue | undefined)[] {
  const op = findOp(node.domain, node.op);
  if (op === undefined) throw new InternalError(`${node.op} has no definition`);
  try {
    return op.evaluate(evaluateContext(op, node, values, scope));
  } catch (error) {
    if (error instanceof LanewiseError) throw error;
    throw new ShapeError(node, `evaluation failed: ${(error as Error).message}`, { cause: error });
  }
}

function evaluateContext(
  op: Op,
  node: Node,
  values: readonly (RuntimeValue | undefined)[],
  scope: ValueScope,
): EvaluateContext<AttributesOf<AttributeSchema>> {
  const fail = (message: string): never => failShape(node, message);
  const optional = (index: number) => {
    const value = values[index];
    if (value === undefined || isTensor(value)) return value;
    return fail(`input ${index} is a ${value.container}, expected a tensor`);
  };
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
    tensor: (index) => optional(index) ?? fail(`input ${index} (${op.inputs[index] ?? "?"}) is missing`),
    runSubgraph: (graph, inputs) => interpret(graph, inputs, scope),
  };
}

/**
 * Runs a graph by its operators' definitions, node after node: slow, and the oracle for everything fast.
 * `feeds` are the graph's inputs in order; the result its outputs.
 */
export function interpret(
  graph: Graph,
  feeds: readonly RuntimeValue[],
  outer: ValueScope = noScope,
): RuntimeValue[] {
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
  graph.nodes.forEach((node, i) => {
    const results = evaluateNode(
      node,
      node.inputs.map((name) => (name === "" ? undefined : scope(name))),
      scope,
    );
    node.outputs.forEach((name, k) => {
      const result = results[k];
      if (name !== "" && result !== undefined) values.set(name, result);
    });
    for (const name of nodeReads(node)) if (lastUse.get(name) === i && !keep.has(name)) values.delete(name);
  });
  return graph.outputs.map((name) => {
    const value = scope(name);
    if (value === undefined) throw new InternalError(`nothing gave the output ${JSON.stringify(name)}`);
    return value;
  });
}
