import { COUNT, numberIn } from "../arguments.ts";
import { concreteDims, type Fact, type Graph } from "../graph/graph.ts";
import type { Network } from "../nn/network.ts";
import { propagateFacts } from "../passes/propagate-facts.ts";
import { elementCount } from "../tensor.ts";
import { networkOf } from "../train/check-network.ts";
import { countedIn, withBatch } from "./counted.ts";
import { type ReceptiveField, receptiveFields } from "./receptive-field.ts";
import { type Layer, type Summary, summarize } from "./summary.ts";

/** One node of a network, as a row of its summary. */
export interface NetworkLayer extends Layer {
  /** Of its parameters, those that training may change. */
  readonly trainable: number;
}

/** What `summarizeNetwork` finds. */
export interface NetworkSummary extends Omit<Summary, "layers"> {
  /** Nodes in order, without those that constant folding removes. */
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
export function summarizeNetwork(network: Network, batch = 1): NetworkSummary {
  const { graph, trainable } = networkOf("summarizeNetwork", network);
  numberIn("summarizeNetwork: the batch", batch, COUNT);
  const summary = summarize(withBatch(graph, batch), [], countedIn(network));
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

/**
 * What part of the picture an element of a value sees, for every value of a network, by name. A value that is left out sees all
 * of it, or what it sees is not regular. The recurrences are those of Araujo, Norris and Sim 2019
 * (https://distill.pub/2019/computing-receptive-fields).
 */
export function receptiveFieldsOf(network: Network): ReadonlyMap<string, ReceptiveField> {
  const { graph } = networkOf("receptiveFieldsOf", network);
  const known = propagateFacts(withBatch(graph, 1));
  return receptiveFields(known, known.facts, countedIn(network));
}

const isWeight = ({ dtype, data }: Fact): boolean =>
  dtype.startsWith("float") && data !== undefined && elementCount(data.dims) > 1;

const countOf = (graph: Graph, names: Iterable<string>): number => {
  let count = 0;
  for (const name of names) count += elementCount(concreteDims(graph.facts.get(name) as Fact));
  return count;
};
