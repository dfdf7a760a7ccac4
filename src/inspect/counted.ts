import type { Graph } from "../graph/graph.ts";
import { BATCH, type Network } from "../nn/network.ts";

/** Weights that were not made: they are inputs of the graph. */
export const countedIn = ({ graph, trainable }: Network): ReadonlySet<string> =>
  new Set(graph.inputs.filter((name) => trainable.has(name)));

/** The graph for batches of one size. */
export function withBatch(graph: Graph, batch: number): Graph {
  const facts = new Map(graph.facts);
  for (const name of graph.inputs) {
    const fact = facts.get(name);
    if (fact?.dims === undefined) continue;
    facts.set(name, { ...fact, dims: fact.dims.map((dim) => (dim === BATCH ? batch : dim)) });
  }
  return { ...graph, facts };
}
