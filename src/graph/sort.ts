import { ModelError } from "../errors.ts";
import { type Node, nodeReads } from "./graph.ts";

/**
 * The nodes in an order in which every value is written before it is read; keeps the given order where it already is
 * one. Throws a ModelError that names the nodes of a cycle.
 */
export function sortNodes(nodes: readonly Node[], path: string): readonly Node[] {
  const writer = new Map<string, number>();
  nodes.forEach((node, i) => {
    for (const name of node.outputs) if (name !== "") writer.set(name, i);
  });
  const waitsFor = nodes.map((node) => {
    const before = new Set<number>();
    for (const name of nodeReads(node)) {
      const at = writer.get(name);
      if (at !== undefined) before.add(at);
    }
    return before;
  });
  if (waitsFor.every((before, i) => [...before].every((at) => at < i))) return nodes;

  const readers = nodes.map(() => [] as number[]);
  const open = waitsFor.map((before) => before.size);
  waitsFor.forEach((before, i) => {
    for (const at of before) readers[at]?.push(i);
  });
  const ready = open.flatMap((count, i) => (count === 0 ? [i] : []));
  const sorted: Node[] = [];
  // The list grows while it is walked.
  for (const at of ready) {
    sorted.push(nodes[at] as Node);
    for (const reader of readers[at] ?? []) {
      open[reader] = (open[reader] as number) - 1;
      if (open[reader] === 0) ready.push(reader);
    }
  }
  if (sorted.length < nodes.length) {
    const stuck = nodes
      .filter((_, i) => open[i] !== 0)
      .map((node) => `${node.op} ${JSON.stringify(node.name)}`);
    throw new ModelError(path, `the graph has a cycle through ${stuck.slice(0, 5).join(", ")}`);
  }
  return sorted;
}
