import { UnsupportedOperatorError } from "../errors.ts";
import { type Graph, nodeReads } from "../graph/graph.ts";
import type { Imported } from "./import.ts";

/** The part of a model that runs without its unsupported nodes. */
export interface SupportedPart {
  readonly graph: Graph;
  /** Values that depend on an unsupported node. */
  readonly missing: ReadonlySet<string>;
}

/**
 * The graph with the outputs that depend on no unsupported node, and without the nodes that do. Throws the
 * UnsupportedOperatorError that lists all of them where no output is left.
 */
export function supportedPart({ graph, unsupported, blocked }: Imported): SupportedPart {
  const missing = new Set<string>();
  if (unsupported.length === 0) return { graph, missing };
  const nodes = graph.nodes.filter((node) => {
    const isLost = blocked.has(node) || [...nodeReads(node)].some((name) => missing.has(name));
    if (isLost) for (const name of node.outputs) if (name !== "") missing.add(name);
    return !isLost;
  });
  const outputs = graph.outputs.filter((name) => !missing.has(name));
  if (outputs.length === 0) throw new UnsupportedOperatorError(unsupported);
  // An input of a type that lanewise does not take is read by unsupported nodes only.
  const inputs = graph.inputs.filter((name) => graph.facts.has(name));
  return { graph: { ...graph, inputs, outputs, nodes }, missing };
}
