import type { Graph } from "../graph/graph.ts";

/** What the bundler puts in place of gradient-nodes.ts in browser entries other than lanewise/train. */
export const captureGradients = (graph: Graph, _: unknown): Graph => graph;
export const expandGradients = (graph: Graph, _: unknown): Graph => graph;
