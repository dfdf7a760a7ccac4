import type { UnsupportedNode } from "../errors.ts";
import { captures, type Dim, type Fact, type Graph, isGraph, type Node, subgraphs } from "../graph/graph.ts";
import { onnxAttributeName } from "../ops/define.ts";
import { macsOf } from "../ops/facets.ts";
import { findOp } from "../ops/table.ts";
import { propagateFacts } from "../passes/propagate-facts.ts";
import { elementCount, type TensorData } from "../tensor.ts";
import { type ReceptiveField, receptiveFields } from "./receptive-field.ts";

/** One node of a model, as a row of its summary. */
export interface Layer {
  /** The node's name. */
  readonly name: string;
  /** Its operator. */
  readonly op: string;
  /** Its operator's domain; "" is ai.onnx. */
  readonly domain: string;
  /** Dims of the first output; undefined where nothing is known of it or it is no tensor. */
  readonly output: readonly Dim[] | undefined;
  /** Elements of the constants that the node reads as weights. */
  readonly parameters: number;
  /** Multiply-accumulates; undefined while a size is open. */
  readonly macs: number | undefined;
  /** Whether lanewise runs it. */
  readonly supported: boolean;
  /** What of the input an element of the first output sees; undefined where that is everything, or not regular. */
  readonly receptiveField: ReceptiveField | undefined;
}

/** What is in a graph. */
export interface Summary {
  /**
   * Nodes in order, without those that constant folding removes (shape arithmetic, dequantised weights). Those of a
   * subgraph follow the node that holds it, named `If_3/then_branch/conv1`.
   */
  readonly layers: readonly Layer[];
  /** Each weight counted once, however many nodes read it. */
  readonly parameters: number;
  /**
   * Sum over the layers; of an If, the costlier branch. Undefined as soon as a layer's count is, or where a loop's
   * body has a count.
   */
  readonly macs: number | undefined;
  /** Facts of all values outside subgraphs, as far as they can be told. */
  readonly facts: ReadonlyMap<string, Fact>;
}

/**
 * Layers, parameters and multiply-accumulates of an imported graph (before any fusion), for the dims its inputs' facts
 * have. Nodes that lanewise does not support stay in the table; what depends on them is unknown. `counted` are inputs that are
 * weights without data.
 */
export function summarize(
  graph: Graph,
  unsupported: readonly UnsupportedNode[] = [],
  counted: ReadonlySet<string> = new Set(),
): Summary {
  const unusable = new Set(unsupported.map(({ name, op }) => nodeKey(name, op)));
  const weights = new Set<TensorData>();
  const { layers, macs, facts } = visit(graph, "", { unusable, weights, counted });
  return { layers, parameters: countElements(weights), macs, facts };
}

const nodeKey = (name: string, op: string): string => `${op}\u0000${name}`;

interface Walk {
  readonly unusable: ReadonlySet<string>;
  /** All weights seen so far. */
  readonly weights: Set<TensorData>;
  /** Inputs of the graph that are weights without data. */
  readonly counted: ReadonlySet<string>;
}

function visit(graph: Graph, prefix: string, walk: Walk): Omit<Summary, "parameters"> {
  const isUsable = (node: Node): boolean =>
    findOp(node.domain, node.op) !== undefined &&
    !walk.unusable.has(nodeKey(node.name, node.op)) &&
    subgraphs(node).every((inner) => inner.nodes.every(isUsable));
  const known = propagateFacts({ ...graph, nodes: graph.nodes.filter(isUsable) });
  const kept = new Set(known.nodes);
  const fields = receptiveFields(
    { ...known, inputs: prefix === "" ? graph.inputs : [] },
    known.facts,
    walk.counted,
  );
  const layers: Layer[] = [];
  let total: number | undefined = 0;
  for (const node of graph.nodes) {
    const supported = isUsable(node);
    if (supported && !kept.has(node)) continue;
    const own = weightsOf(node, known.facts);
    for (const weight of own) walk.weights.add(weight);
    const first = node.outputs.find((name) => name !== "") ?? "";
    const fact = known.facts.get(first);
    const macs = supported ? macsOf(node, (name) => known.facts.get(name)) : undefined;
    layers.push({
      name: prefix + node.name,
      op: node.op,
      domain: node.domain,
      output: fact?.container === undefined ? fact?.dims : undefined,
      parameters: countElements(own),
      macs,
      supported,
      receptiveField: fields.get(first),
    });
    const inner = visitSubgraphs(node, `${prefix}${node.name}/`, known.facts, walk);
    for (const layer of inner.layers) layers.push(layer);
    total = add(total, add(macs, inner.macs));
  }
  return { layers, macs: total, facts: known.facts };
}

function visitSubgraphs(
  node: Node,
  prefix: string,
  facts: ReadonlyMap<string, Fact>,
  walk: Walk,
): Pick<Summary, "layers" | "macs"> {
  const bodies = Object.entries(node.attributes).flatMap(([key, value]) => {
    if (!isGraph(value)) return [];
    const visible = new Map([...facts, ...value.facts]);
    const outer = [...captures(value)].filter(
      (name) => facts.has(name) && facts.get(name)?.data === undefined,
    );
    return [
      visit(
        { ...value, inputs: [...value.inputs, ...outer], facts: visible },
        `${prefix}${onnxAttributeName(key)}/`,
        walk,
      ),
    ];
  });
  const counts = bodies.map((body) => body.macs);
  const known = counts.filter((count) => count !== undefined);
  const loops = node.op !== "If" && known.some((count) => count > 0);
  const macs = known.length < counts.length || loops ? undefined : Math.max(0, ...known);
  return { layers: bodies.flatMap((body) => body.layers), macs };
}

const add = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;

/** Constants of a node that were learnt: no settings, no indices, no scalars. */
function weightsOf(node: Node, facts: ReadonlyMap<string, Fact>): Set<TensorData> {
  const found = new Set<TensorData>();
  if (findOp(node.domain, node.op)?.settings) return found;
  for (const name of node.inputs) {
    const data = facts.get(name)?.data;
    if (data === undefined || ["int64", "bool", "string"].includes(data.dtype)) continue;
    if (elementCount(data.dims) > 1) found.add(data);
  }
  return found;
}

const countElements = (tensors: Iterable<TensorData>): number => {
  let count = 0;
  for (const { dims } of tensors) count += elementCount(dims);
  return count;
};
