import { dtypeInfo } from "../dtype.ts";
import { concreteDims, type Fact, type Graph, type Layout, type Node } from "../graph/graph.ts";
import { layoutsCoincide } from "../graph/layout.ts";
import { type Choice, choose, layoutAt, type Settled } from "../kernels/choose.ts";
import type { Settings } from "../kernels/site.ts";
import { elementCount } from "../tensor.ts";

interface LayoutState {
  readonly facts: Map<string, Fact>;
  readonly nodes: Node[];
  readonly choices: Map<Node, Choice>;
  /** Names of copies in another layout, by `name:layout`. */
  readonly copies: Map<string, string>;
  /** Of each value, whether all who read it can do so row-major, and channels-last. */
  readonly readers: ReadonlyMap<string, ReadonlySet<Layout>>;
  readonly outputs: ReadonlySet<string>;
  readonly settings: Settings;
}

/**
 * Settles in one pass forward how each node of a concrete graph is done: of its candidates the one that moves the fewest
 * bytes, counting the Relayouts that its inputs need, what it moves itself, and a Relayout behind it where a reader
 * cannot take what it gives. Inputs and outputs of the graph are row-major. With `propagate: false`, values are row-major
 * between nodes wherever a candidate allows it.
 */
export function settleLayout(graph: Graph, settings: Settings, propagate = true): Settled {
  const candidates = graph.nodes.map((node) => choose(node, (name) => graph.facts.get(name), settings));
  const state: LayoutState = {
    facts: new Map(graph.facts),
    nodes: [],
    choices: new Map(),
    copies: new Map(),
    readers: whatReadersTake(graph, candidates),
    outputs: new Set(graph.outputs),
    settings,
  };
  graph.nodes.forEach((node, i) => {
    const own = candidates[i] as readonly Choice[];
    const plain = propagate ? undefined : own.find(isRowMajor);
    placeNode(node, plain ?? cheapest(node, own, state), state);
  });
  return { graph: { ...graph, nodes: state.nodes, facts: state.facts }, choices: state.choices };
}

const isRowMajor = ({ layouts }: Choice): boolean =>
  [...layouts.inputs, ...layouts.outputs].every((layout) => layout === "rowMajor");

/** The layouts of each value that every reader has a candidate for. */
function whatReadersTake(graph: Graph, candidates: readonly (readonly Choice[])[]): LayoutState["readers"] {
  const taken = new Map<string, Set<Layout>>();
  const restrict = (name: string, takes: (layout: Layout) => boolean): void => {
    const left = taken.get(name) ?? new Set<Layout>(["rowMajor", "channelsLast"]);
    taken.set(name, left);
    for (const layout of left) if (!takes(layout)) left.delete(layout);
  };
  graph.nodes.forEach((node, i) => {
    const own = candidates[i] as readonly Choice[];
    node.inputs.forEach((name, at) => {
      if (name !== "" && graph.facts.get(name)?.data === undefined)
        restrict(name, (layout) => own.some(({ layouts }) => layoutAt(layouts.inputs, at) === layout));
    });
  });
  for (const name of graph.outputs) restrict(name, (layout) => layout === "rowMajor");
  return taken;
}

function cheapest(node: Node, candidates: readonly Choice[], state: LayoutState): Choice {
  let best = candidates[0] as Choice;
  if (candidates.length === 1) return best;
  let least = Infinity;
  for (const candidate of candidates) {
    const bytes = bytesMoved(node, candidate, state);
    if (bytes < least) [best, least] = [candidate, bytes];
  }
  return best;
}

/** Bytes moved for a candidate's sake: by Relayouts before it, by itself, and by a Relayout behind it. */
function bytesMoved(node: Node, { layouts, cost }: Choice, state: LayoutState): number {
  const { inputs, outputs } = node;
  let bytes = cost;
  inputs.forEach((name, i) => {
    const layout = layoutAt(layouts.inputs, i);
    if (name === "" || layoutOf(state, name) === layout || state.copies.has(`${name}:${layout}`)) return;
    const first = inputs.findIndex((other, k) => other === name && layoutAt(layouts.inputs, k) === layout);
    if (first === i) bytes += relayoutBytes(state, name);
  });
  outputs.forEach((name, i) => {
    const readers = state.readers.get(name);
    if (readers !== undefined && !readers.has(layoutAt(layouts.outputs, i)))
      bytes += relayoutBytes(state, name);
  });
  return bytes;
}

/** What a Relayout of the value moves: nothing where it lies the same either way. */
function relayoutBytes(state: LayoutState, name: string): number {
  const fact = state.facts.get(name) as Fact;
  return layoutsCoincide(fact) ? 0 : elementCount(concreteDims(fact)) * dtypeInfo[fact.dtype].bytes;
}

function placeNode(node: Node, choice: Choice, state: LayoutState): void {
  const { layouts } = choice;
  const inputs = node.inputs.map((name, i) =>
    name === "" ? name : inLayout(name, layoutAt(layouts.inputs, i), state),
  );
  const late: [string, string][] = [];
  const outputs = node.outputs.map((name, i) => {
    const fact = state.facts.get(name);
    if (name === "" || fact === undefined || layoutAt(layouts.outputs, i) === "rowMajor") return name;
    if (!state.outputs.has(name)) {
      state.facts.set(name, withLayout(fact, "channelsLast"));
      return name;
    }
    // The output of the graph keeps its name; the channels-last value under it gets another.
    const last = `${name}/channelsLast`;
    state.facts.set(last, withLayout(fact, "channelsLast"));
    state.copies.set(`${name}:channelsLast`, last);
    late.push([last, name]);
    return last;
  });
  const placed = { ...node, inputs, outputs };
  state.nodes.push(placed);
  state.choices.set(placed, choice);
  for (const [last, name] of late) relayout(last, name, "rowMajor", state);
}

const layoutOf = (state: LayoutState, name: string): Layout => state.facts.get(name)?.layout ?? "rowMajor";

function withLayout(fact: Fact, layout: Layout): Fact {
  const { layout: _, ...rest } = fact;
  return layout === "rowMajor" ? rest : { ...rest, layout };
}

/** The value in the layout asked for: itself, or a copy made once. */
function inLayout(name: string, layout: Layout, state: LayoutState): string {
  if (layoutOf(state, name) === layout) return name;
  const key = `${name}:${layout}`;
  const known = state.copies.get(key);
  if (known !== undefined) return known;
  const copy = `${name}/${layout}`;
  const { data: _, ...rest } = state.facts.get(name) as Fact;
  state.facts.set(copy, withLayout(rest, layout));
  state.copies.set(key, copy);
  relayout(name, copy, layout, state);
  return copy;
}

function relayout(from: string, to: string, layout: Layout, state: LayoutState): void {
  const node: Node = {
    name: `${from}→${layout}`,
    op: "Relayout",
    domain: "lanewise",
    opset: 1,
    attributes: { to: layout },
    inputs: [from],
    outputs: [to],
  };
  state.nodes.push(node);
  const [choice] = choose(node, (name) => state.facts.get(name), state.settings) as [Choice];
  state.choices.set(node, choice);
}
