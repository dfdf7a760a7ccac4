import type { Graph } from "../graph/graph.ts";

/** `#gradient-nodes` of browser entries other than lanewise/train. */
export const captureGradients = (graph: Graph, _: unknown): Graph => graph;
export const expandGradients = (graph: Graph, _: unknown): Graph => graph;
