import { type Fact, type Graph, isConcrete, type Node, nodeReads } from "./graph/graph.ts";
import { finish, type Work } from "./interruptible.ts";
import { atLeast, type OptimizationLevel, optimizing } from "./passes/pipeline.ts";
import { bindInputs } from "./passes/propagate-facts.ts";
import { removeDead } from "./passes/remove-dead.ts";
import { settleLayout } from "./passes/settle-layout.ts";
import type { Plan } from "./plan/plan.ts";
import { assertPlannable, planGraph } from "./plan/plan-graph.ts";

export interface CompileOptions {
  readonly level: OptimizationLevel;
  /** Threads that share each kernel call; default 1. */
  readonly parts?: number;
  /** False keeps convolutions to exact algorithms; default true. */
  readonly winograd?: boolean;
  /** The most bytes that the plan's memory, or a value made on the host, may take. */
  readonly maxMemoryBytes?: number | undefined;
  /** Nodes that the expansion of Gradient operators may come to. */
  readonly maxModelNodes?: number | undefined;
  /** Looks at the graph after every pass, such as `verifyGraph`. */
  readonly verify?: ((graph: Graph, label: string) => void) | undefined;
}

/**
 * A stretch of a graph that is planned at once. Where a shape depends on data, the stretch ends: the node that decides
 * the shape runs by its definition, and the rest is compiled when its outputs are there.
 */
export interface Stage {
  /** The graph as planned: optimised and laid out. */
  readonly graph: Graph;
  readonly plan: Plan;
  readonly cut: Cut | undefined;
}

/** Where a stretch ends. */
export interface Cut {
  /** Undefined for an If: it stays in the rest, which is compiled for the branch that its condition takes. */
  readonly node: Node | undefined;
  /** What is left to do; its inputs are the values alive behind the node. */
  readonly rest: Graph;
  /** Inputs of the rest that become constants of it: conditions of Ifs. */
  readonly baked: readonly string[];
}

/** Dims by input name; those of the graph hold where there are none. */
export type InputDims = ReadonlyMap<string, readonly number[] | undefined>;

/** Nodes that stand for others, which only rooms above this one can make. */
export interface Expansion {
  /** Before passes rename or remove values: nodes take with them what they are about. */
  capture(graph: Graph, limits: CompileOptions): Graph;
  /** Once the dims of inputs are known: the others take their places. */
  expand(graph: Graph, limits: CompileOptions): Graph;
}

let expansion: Expansion | undefined;

/** Has an expansion be part of `prepare` and `compile` from now on; entries say so of those that they have. */
export const expandBy = (given: Expansion | undefined): void => {
  expansion = given;
};

/** Passes that hold for any input shape; the result is what `compile` specialises. */
export const prepare = (graph: Graph, options: CompileOptions): Graph => finish(preparing(graph, options));

/** `prepare` as work that can be interrupted. */
export const preparing = (graph: Graph, options: CompileOptions): Work<Graph> =>
  optimizing(
    expansion?.capture(graph, options) ?? graph,
    options.level,
    options.verify,
    options.maxMemoryBytes,
  );

/** The pipeline for one set of input dims: facts → passes → layout → plan. */
export const compile = (graph: Graph, dims: InputDims, options: CompileOptions): Stage =>
  finish(compiling(graph, dims, options));

/** `compile` as work that can be interrupted. */
export function* compiling(graph: Graph, dims: InputDims, options: CompileOptions): Work<Stage> {
  const { level, verify, maxMemoryBytes } = options;
  const bound = bindInputs(graph, dims);
  const expanded = expansion?.expand(bound, options) ?? bound;
  const concrete = yield* optimizing(expanded, level, verify, maxMemoryBytes);
  const { ready, cut } = splitAtUnknown(concrete);
  const settings = {
    parts: options.parts ?? 1,
    winograd: options.winograd ?? true,
    training: (ready.states ?? []).length > 0,
  };
  const alive = removeDead(ready);
  assertPlannable(alive, maxMemoryBytes);
  const settled = settleLayout(alive, settings, atLeast(level, "layout"));
  yield;
  const plan = planGraph(settled, settings, { reuse: level !== "disabled", maxMemoryBytes });
  return { graph: settled.graph, plan, cut };
}

const isPlannable = (fact: Fact | undefined): boolean =>
  fact !== undefined && (fact.container !== undefined || isConcrete(fact));

const isIf = (node: Node): boolean => node.op === "If" && node.domain === "";

/** The nodes that can be planned now, and the cut at the first that cannot though its inputs are there. */
function splitAtUnknown(graph: Graph): { ready: Graph; cut: Cut | undefined } {
  const known = new Set(graph.inputs);
  for (const [name, fact] of graph.facts) if (fact.data !== undefined) known.add(name);
  const ready: Node[] = [];
  const waiting: Node[] = [];
  let cut: Node | undefined;
  for (const node of graph.nodes) {
    const available = [...nodeReads(node)].every((name) => known.has(name));
    const shaped = node.outputs.every((name) => name === "" || isPlannable(graph.facts.get(name)));
    if (available && shaped && !isIf(node)) {
      ready.push(node);
      for (const name of node.outputs) known.add(name);
    } else if (available && cut === undefined) cut = node;
    else waiting.push(node);
  }
  if (cut === undefined) return { ready: graph, cut };
  const inMemory = (name: string): boolean => known.has(name) && graph.facts.get(name)?.data === undefined;
  const left = isIf(cut) ? [cut, ...waiting] : waiting;
  const needed = new Set([...left.flatMap((node) => [...nodeReads(node)]), ...graph.outputs]);
  const alive = [...new Set([...needed, ...nodeReads(cut)])].filter(inMemory);
  const decided = isIf(cut) ? [] : cut.outputs.filter((name) => name !== "");
  const rest = { ...graph, inputs: [...alive.filter((name) => needed.has(name)), ...decided], nodes: left };
  return {
    ready: { ...graph, nodes: ready, outputs: alive },
    cut: {
      node: isIf(cut) ? undefined : cut,
      rest,
      baked: isIf(cut) ? [cut.inputs[0] as string] : [],
    },
  };
}
