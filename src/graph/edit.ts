import { InternalError } from "../errors.ts";
import type { TensorData } from "../tensor.ts";
import { type Fact, type Graph, type Node, nodeReads } from "./graph.ts";

/** A graph opened for a pass: nodes are replaced, removed and rewired, then `close` gives the new graph. */
export interface GraphEdit {
  /** Calls `change` on every node in order, as it stands when its turn comes; nodes put in are not visited. */
  visit(change: (node: Node) => void): void;
  fact(name: string): Fact | undefined;
  constant(name: string): TensorData | undefined;
  writer(name: string): Node | undefined;
  /** Nodes that read the value, by themselves or in a subgraph. */
  readers(name: string): readonly Node[];
  isOutput(name: string): boolean;
  /** The only reader of a value that is no graph output; undefined where there are others. */
  soleReader(name: string): Node | undefined;
  /** Puts nodes where one stood; none removes it. */
  replace(node: Node, ...by: Node[]): void;
  /** Makes every reader of one value (and the graph's outputs) read another. */
  redirect(from: string, to: string): void;
  addConstant(base: string, data: TensorData): string;
  setFact(name: string, fact: Fact): void;
  freshName(base: string): string;
  close(): Graph;
}

/** Graphs that a pass has opened and left as they were: most passes find nothing, and the next one sees the same. */
const unchanged = new WeakMap<Graph, GraphEdit>();

export function editGraph(graph: Graph): GraphEdit {
  const known = unchanged.get(graph);
  // Who has it may change it.
  unchanged.delete(graph);
  if (known !== undefined) return known;
  const facts = new Map(graph.facts);
  const slots: Node[][] = graph.nodes.map((node) => [node]);
  const slotOf = new Map<Node, number>(graph.nodes.map((node, i) => [node, i]));
  const writers = new Map<string, Node>();
  const readersOf = new Map<string, Set<Node>>();
  let outputs = graph.outputs;
  const ends = new Set(outputs);
  let changed = false;
  /** The number behind the last name that was made fresh, by its base. */
  const numbers = new Map<string, number>();

  const link = (node: Node): void => {
    for (const name of node.outputs) if (name !== "") writers.set(name, node);
    for (const name of nodeReads(node)) {
      const set = readersOf.get(name);
      if (set === undefined) readersOf.set(name, new Set([node]));
      else set.add(node);
    }
  };
  const unlink = (node: Node): void => {
    for (const name of node.outputs) if (writers.get(name) === node) writers.delete(name);
    for (const name of nodeReads(node)) readersOf.get(name)?.delete(node);
  };
  graph.nodes.forEach(link);

  const edit: GraphEdit = {
    visit(change) {
      for (const slot of slots) for (const node of [...slot]) if (slot.includes(node)) change(node);
    },
    fact: (name) => facts.get(name),
    constant: (name) => facts.get(name)?.data,
    writer: (name) => writers.get(name),
    readers: (name) => [...(readersOf.get(name) ?? [])],
    isOutput: (name) => ends.has(name),
    soleReader(name) {
      const readers = readersOf.get(name);
      if (readers === undefined || readers.size !== 1 || ends.has(name)) return undefined;
      return [...readers][0];
    },
    replace(node, ...by) {
      changed = true;
      const slot = slotOf.get(node);
      if (slot === undefined) throw new InternalError(`${node.name} is not in the graph`);
      const at = (slots[slot] as Node[]).indexOf(node);
      (slots[slot] as Node[]).splice(at, 1, ...by);
      slotOf.delete(node);
      unlink(node);
      for (const next of by) {
        slotOf.set(next, slot);
        link(next);
      }
      for (const name of node.outputs)
        if (!writers.has(name) && facts.get(name)?.data === undefined) facts.delete(name);
    },
    redirect(from, to) {
      changed = true;
      for (const reader of edit.readers(from)) {
        edit.replace(
          reader,
          renameInputs(reader, (name) => (name === from ? to : name)),
        );
      }
      if (!ends.delete(from)) return;
      ends.add(to);
      outputs = outputs.map((name) => (name === from ? to : name));
    },
    addConstant(base, data) {
      const name = edit.freshName(base);
      edit.setFact(name, { dtype: data.dtype, dims: data.dims, data });
      return name;
    },
    setFact(name, fact) {
      changed = true;
      facts.set(name, fact);
    },
    freshName(base) {
      let name = base;
      for (let i = numbers.get(base) ?? 1; facts.has(name) || writers.has(name); i++) {
        name = `${base}#${i}`;
        numbers.set(base, i);
      }
      return name;
    },
    close() {
      if (changed) return { ...graph, nodes: slots.flat(), outputs, facts };
      unchanged.set(graph, edit);
      return graph;
    },
  };
  return edit;
}

/** Nodes with values renamed, where they write and where they read them. */
export const renameValues = (nodes: readonly Node[], names: ReadonlyMap<string, string>): readonly Node[] => {
  if (names.size === 0) return nodes;
  const rename = (name: string): string => names.get(name) ?? name;
  return nodes.map((node) => ({ ...renameInputs(node, rename), outputs: node.outputs.map(rename) }));
};

/** A node with its inputs renamed, those of its subgraphs' nodes included. */
export function renameInputs(node: Node, rename: (name: string) => string): Node {
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).map(([key, value]) => [
      key,
      typeof value === "object" && value !== null && "nodes" in value
        ? {
            ...value,
            nodes: value.nodes.map((inner) => renameInputs(inner, rename)),
            outputs: value.outputs.map(rename),
          }
        : value,
    ]),
  );
  return { ...node, inputs: node.inputs.map(rename), attributes };
}
