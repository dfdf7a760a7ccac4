import type { Graph } from "../graph/graph.ts";

/** A graph for inference whose weights are constants, and the names of those that training may change. */
export interface Network {
  readonly graph: Graph;
  readonly trainable: ReadonlySet<string>;
}
