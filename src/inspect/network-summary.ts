import { UsageError } from "../errors.ts";
import { concreteDims, type Fact, type Graph } from "../graph/graph.ts";
import { BATCH, type Network } from "../nn/network.ts";
import { elementCount } from "../tensor.ts";
import { type Layer, type Summary, summarize } from "./summary.ts";

export interface NetworkLayer extends Layer {
  /** Of its parameters, those that training may change. */
  readonly trainable: number;
}

export interface NetworkSummary extends Omit<Summary, "layers"> {
  readonly layers: readonly NetworkLayer[];
  /** Elements of all weights that training may change. */
  readonly trainable: number;
  /** Elements of the other weights: running statistics, frozen layers, fixed centers. */
  readonly fixed: number;
}

/**
 * Layers, parameters, multiply-accumulates and receptive fields of a network for a batch of one (or `batch`). A layer's
 * parameters are the constants behind its weights: of a partially connected convolution, the kernels that are there.
 */
export function summarizeNetwork({ graph, trainable }: Network, batch = 1): NetworkSummary {
  if (!Number.isInteger(batch) || batch < 1)
    throw new UsageError(`the batch must be a whole number from 1, got ${batch}`);
  const counted = new Set(graph.inputs.filter((name) => trainable.has(name)));
  const summary = summarize(withBatch(graph, batch), [], counted);
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const kept = new Set(summary.layers.map(({ name }) => name));
  const all = new Set<string>();
  const layers = summary.layers.map((layer) => {
    const own = new Set<string>();
    const visit = (name: string): void => {
      const fact = graph.facts.get(name);
      if (trainable.has(name) || fact?.data !== undefined) {
        if (trainable.has(name) || isWeight(fact as Fact)) own.add(name);
        return;
      }
      const producer = producers.get(name);
      if (producer !== undefined && !kept.has(producer.name))
        for (const input of producer.inputs) visit(input);
    };
    const node = graph.nodes.find(({ name }) => name === layer.name);
    for (const input of node?.inputs ?? []) visit(input);
    for (const name of own) all.add(name);
    return {
      ...layer,
      parameters: countOf(graph, own),
      trainable: countOf(
        graph,
        [...own].filter((name) => trainable.has(name)),
      ),
    };
  });
  const learnt = countOf(graph, trainable);
  const fixed = countOf(
    graph,
    [...all].filter((name) => !trainable.has(name)),
  );
  return { ...summary, layers, parameters: learnt + fixed, trainable: learnt, fixed };
}

const isWeight = ({ dtype, data }: Fact): boolean =>
  dtype.startsWith("float") && data !== undefined && elementCount(data.dims) > 1;

function withBatch(graph: Graph, batch: number): Graph {
  const facts = new Map(graph.facts);
  for (const name of graph.inputs) {
    const fact = facts.get(name);
    if (fact?.dims === undefined) continue;
    facts.set(name, { ...fact, dims: fact.dims.map((dim) => (dim === BATCH ? batch : dim)) });
  }
  return { ...graph, facts };
}

const countOf = (graph: Graph, names: Iterable<string>): number => {
  let count = 0;
  for (const name of names) count += elementCount(concreteDims(graph.facts.get(name) as Fact));
  return count;
};
