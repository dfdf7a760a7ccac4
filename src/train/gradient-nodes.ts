import { ModelError } from "../errors.ts";
import { type Fact, type Graph, isConcrete, type Node } from "../graph/graph.ts";
import { graphBuilder } from "../nn/build.ts";
import { type ImportLimits, type NodeBudget, nodeBudget } from "../onnx/budget.ts";
import { propagateFacts } from "../passes/propagate-facts.ts";
import { gradientOutputs } from "./differentiate.ts";

const isGradient = (node: Node): boolean =>
  node.op === "Gradient" && node.domain === "ai.onnx.preview.training";

interface Names {
  readonly xs: readonly string[];
  readonly zs?: readonly string[];
  readonly y: string;
  readonly body?: Graph;
}

const namesOf = (node: Node): Names => node.attributes as unknown as Names;

/**
 * Gradient nodes with what their y is made of as a body of their own, before passes rename or remove values. The body's
 * inputs are xs, zs, then what else of the graph it reads; the node's inputs are the values for them.
 */
export function captureGradients(graph: Graph, limits: ImportLimits = {}): Graph {
  if (!graph.nodes.some(isGradient)) return graph;
  const budget = nodeBudget(limits);
  const nodes: Node[] = [];
  for (const node of graph.nodes) nodes.push(isGradient(node) ? withBody(node, nodes, graph, budget) : node);
  return { ...graph, nodes };
}

function withBody(node: Node, before: readonly Node[], graph: Graph, budget: NodeBudget): Node {
  const { xs, zs = [], y, body } = namesOf(node);
  if (body !== undefined) return node;
  const bound = [...xs, ...zs];
  const isBound = new Set(bound);
  const needed = new Set([y]);
  const nodes: Node[] = [];
  for (let at = before.length - 1; at >= 0; at--) {
    const other = before[at] as Node;
    if (!other.outputs.some((name) => needed.has(name) && !isBound.has(name))) continue;
    nodes.push(other);
    spendFor(other, budget);
    for (const name of other.inputs) if (name !== "") needed.add(name);
  }
  nodes.reverse();
  const written = new Set(nodes.flatMap((other) => other.outputs));
  const facts = new Map<string, Fact>();
  const captured: string[] = [];
  for (const name of needed) {
    if (isBound.has(name) || written.has(name)) continue;
    const fact = graph.facts.get(name);
    if (fact?.data !== undefined) facts.set(name, fact);
    else if (graph.inputs.includes(name)) captured.push(name);
    else
      throw new ModelError(
        `Gradient ${JSON.stringify(node.name)}`,
        `there is no value ${JSON.stringify(name)}`,
      );
  }
  const own: Graph = { name: node.name, inputs: [...bound, ...captured], outputs: [y], nodes, facts };
  return {
    ...node,
    inputs: [...node.inputs.slice(0, bound.length), ...captured],
    attributes: { ...node.attributes, body: own },
  };
}

const spendFor = (node: Node, budget: NodeBudget): void => {
  const names = [...node.inputs, ...node.outputs];
  const characters = names.reduce((sum, name) => sum + name.length, node.name.length);
  budget.spend(1, names.length, characters, node.name);
};

/**
 * Gradient nodes whose inputs have known dims, replaced by the nodes of their gradients; facts as `propagateFacts` has
 * them. Throws a ModelError where they come to more nodes than the limit: gradients of gradients multiply them.
 */
export function expandGradients(graph: Graph, limits: ImportLimits = {}): Graph {
  return expandAll(graph, nodeBudget(limits));
}

function expandAll(graph: Graph, budget: NodeBudget): Graph {
  if (!graph.nodes.some(isGradient)) return graph;
  // By an intermediate value the dims of the graph's inputs say nothing yet.
  const inferred = propagateFacts(graph);
  const facts = new Map(inferred.facts);
  const nodes = inferred.nodes.flatMap((node): readonly Node[] => {
    const known = node.inputs.every((name) => isConcrete(facts.get(name)));
    if (!isGradient(node) || !known) return [node];
    const expanded = expand(node, facts, budget);
    for (const [name, fact] of expanded.facts) facts.set(name, fact);
    return expanded.nodes;
  });
  return propagateFacts({ ...graph, nodes, facts });
}

/** For `expandBy`. */
export const gradientNodes = { capture: captureGradients, expand: expandGradients };

/** The nodes and constants in place of a Gradient node. */
function expand(
  node: Node,
  outer: ReadonlyMap<string, Fact>,
  budget: NodeBudget,
): Pick<Graph, "nodes" | "facts"> {
  const { xs, y, body } = namesOf(node);
  if (body === undefined)
    throw new ModelError(`Gradient ${JSON.stringify(node.name)}`, "stands in a subgraph");
  const given = new Map(body.facts);
  body.inputs.forEach((name, i) => {
    given.set(name, outer.get(node.inputs[i] as string) as Fact);
  });
  const from = expandAll(propagateFacts({ ...body, facts: given }), budget);
  const builder = graphBuilder({ name: node.name, from });
  const results = gradientOutputs(builder, y, xs);
  for (const name of results) builder.output(name);
  const { nodes, facts } = builder.finish();
  for (const inner of nodes) spendFor(inner, budget);
  const names = new Map<string, string>([["", ""]]);
  body.inputs.forEach((name, i) => {
    names.set(name, node.inputs[i] as string);
  });
  results.forEach((name, i) => {
    if (node.outputs[i]) names.set(name, node.outputs[i]);
  });
  const rename = (name: string): string => names.get(name) ?? `${node.name}/${name}`;
  return {
    nodes: nodes.map((inner) => ({
      ...inner,
      name: rename(inner.name),
      inputs: inner.inputs.map(rename),
      outputs: inner.outputs.map(rename),
    })),
    facts: new Map(
      [...facts].filter(([name]) => !body.inputs.includes(name)).map(([name, fact]) => [rename(name), fact]),
    ),
  };
}
