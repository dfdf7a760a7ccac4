import { type Fact, type Graph, type Node, nodeReads } from "../graph/graph.ts";

/** Drops nodes, constants and facts that no output needs. Inputs stay. */
export function removeDead(graph: Graph): Graph {
  const needed = new Set<string>(graph.outputs);
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    nodes.push(node);
    for (const name of nodeReads(node)) needed.add(name);
  }
  nodes.reverse();
  const kept = new Set<string>([...needed, ...graph.inputs, ...nodes.flatMap((node) => node.outputs)]);
  const facts = new Map<string, Fact>([...graph.facts].filter(([name]) => kept.has(name)));
  return { ...graph, nodes, facts };
}
