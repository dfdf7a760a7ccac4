import type { DType } from "../dtype.ts";
import { renameValues } from "../graph/edit.ts";
import { type Fact, type Graph, isConcrete, type Layout, type Node } from "../graph/graph.ts";
import type { LayoutRule, Op } from "../ops/define.ts";
import { facetContext } from "../ops/facets.ts";
import { opOf } from "../ops/table.ts";

/** What the pass knows while it walks the nodes. */
interface LayoutState {
  readonly facts: Map<string, Fact>;
  readonly nodes: Node[];
  /** Names of copies in another layout, by `name:layout`. */
  readonly copies: Map<string, string>;
  /** False keeps every value row-major but for the operands of the nodes that need it otherwise. */
  readonly propagate: boolean;
}

/** What the kernels over images compute on, and what Relayout moves. */
const IMAGE_DTYPES: readonly DType[] = ["float32", "int8", "uint8"];

const canBeChannelsLast = (fact: Fact | undefined): boolean =>
  isConcrete(fact) &&
  fact.container === undefined &&
  IMAGE_DTYPES.includes(fact.dtype) &&
  (fact.dims?.length === 3 || fact.dims?.length === 4);

/**
 * Gives every value of a concrete graph its layout and inserts `Relayout` where a node wants another one. Inputs and
 * outputs of the graph are row-major. Transposes between NCHW and NHWC become `Relabel`, which costs nothing.
 */
export function assignLayout(graph: Graph, propagate = true): Graph {
  const state: LayoutState = { facts: new Map(graph.facts), nodes: [], copies: new Map(), propagate };
  for (const node of graph.nodes) placeNode(node, state);
  const late: Node[] = [];
  const inner = new Map<string, string>();
  for (const name of new Set(graph.outputs)) {
    if (layoutOf(state, name) === "rowMajor") continue;
    // The output keeps its name; the channels-last value under it gets another.
    const last = `${name}/channelsLast`;
    const fact = state.facts.get(name) as Fact;
    inner.set(name, last);
    state.facts.set(last, fact);
    state.facts.set(name, withLayout(fact, "rowMajor"));
    late.push(relayoutNode(last, name, "rowMajor"));
  }
  return { ...graph, nodes: [...renameValues(state.nodes, inner), ...late], facts: state.facts };
}

function placeNode(node: Node, state: LayoutState): void {
  const relabelled = relabel(node, state);
  if (relabelled) return;
  const op = opOf(node);
  const rule = effectiveRule(op, node, state);
  const wanted = wantedLayouts(node, rule, state);
  const inputs = node.inputs.map((name, i) => {
    const want = wanted[i];
    return name === "" || want === undefined ? name : inLayout(name, want, state);
  });
  state.nodes.push({ ...node, inputs });
  const outputRank = state.facts.get(node.outputs[0] ?? "")?.dims?.length;
  node.outputs.forEach((name, i) => {
    const fact = state.facts.get(name);
    if (fact === undefined) return;
    const last =
      typeof rule === "object"
        ? rule.outputs[i] === "channelsLast"
        : rule !== "rowMajor" &&
          canBeChannelsLast(fact) &&
          (i === 0 || (rule === "follow" && fact.dims?.length === outputRank));
    state.facts.set(name, withLayout(fact, last ? "channelsLast" : "rowMajor"));
  });
}

/** The rule of the op, or rowMajor where its operands cannot be channels-last. */
function effectiveRule(op: Op, node: Node, state: LayoutState): LayoutRule {
  const context = facetContext(node, (name) => state.facts.get(name));
  const { inputs, outputs } = context;
  const rule = typeof op.layout === "function" ? op.layout(context) : (op.layout ?? "rowMajor");
  if (typeof rule === "object") return rule;
  if (rule === "rowMajor" || !canBeChannelsLast(outputs[0])) return "rowMajor";
  if (rule === "channelsLast") return canBeChannelsLast(inputs[0]) ? rule : "rowMajor";
  if (!state.propagate) return "rowMajor";
  const rank = outputs[0]?.dims?.length;
  const follows = inputs.some((fact) => fact?.layout === "channelsLast" && fact.dims?.length === rank);
  return follows &&
    outputs.every((fact) => fact === undefined || fact.dims?.length !== rank || canBeChannelsLast(fact))
    ? "follow"
    : "rowMajor";
}

/** The layout each input must have; undefined leaves a constant as it is. */
function wantedLayouts(node: Node, rule: LayoutRule, state: LayoutState): (Layout | undefined)[] {
  const rank = state.facts.get(node.outputs[0] ?? "")?.dims?.length;
  const dims = state.facts.get(node.outputs[0] ?? "")?.dims?.join();
  return node.inputs.map((name, i) => {
    const fact = state.facts.get(name);
    if (fact === undefined) return undefined;
    if (typeof rule === "object") return rule.inputs[i] ?? "rowMajor";
    if (fact.data !== undefined && !(rule === "channelsLast" && i === 0)) return undefined;
    if (rule === "follow")
      return canBeChannelsLast(fact) && fact.dims?.length === rank ? "channelsLast" : "rowMajor";
    if (rule === "channelsLast") {
      const image = i === 0 || (i === 3 && canBeChannelsLast(fact) && fact.dims?.join() === dims);
      return image ? "channelsLast" : "rowMajor";
    }
    return "rowMajor";
  });
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
  const fact = state.facts.get(name) as Fact;
  const { data: _, ...rest } = fact;
  state.nodes.push(relayoutNode(name, copy, layout));
  state.facts.set(copy, withLayout(rest, layout));
  state.copies.set(key, copy);
  return copy;
}

const relayoutNode = (from: string, to: string, layout: Layout): Node => ({
  name: `${from}→${layout}`,
  op: "Relayout",
  domain: "lanewise",
  opset: 1,
  attributes: { to: layout },
  inputs: [from],
  outputs: [to],
});

const TO_LAST: Readonly<Record<number, string>> = { 3: "0,2,1", 4: "0,2,3,1" };
const TO_FIRST: Readonly<Record<number, string>> = { 3: "0,2,1", 4: "0,3,1,2" };

/** A Transpose that only says in dims what the layout says already. */
function relabel(node: Node, state: LayoutState): boolean {
  if (node.op !== "Transpose" || node.domain !== "" || !state.propagate) return false;
  const input = node.inputs[0] as string;
  const output = node.outputs[0] as string;
  const fact = state.facts.get(input);
  if (!canBeChannelsLast(fact) || fact?.data !== undefined) return false;
  const rank = fact?.dims?.length as number;
  const perm = (node.attributes.perm as readonly number[] | undefined)?.join();
  const from = layoutOf(state, input);
  if (!(from === "channelsLast" ? perm === TO_LAST[rank] : perm === TO_FIRST[rank])) return false;
  const to: Layout = from === "channelsLast" ? "rowMajor" : "channelsLast";
  state.nodes.push({ ...node, op: "Relabel", domain: "lanewise", opset: 1 });
  state.facts.set(output, withLayout(state.facts.get(output) as Fact, to));
  return true;
}
