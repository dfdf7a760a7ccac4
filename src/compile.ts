import { InternalError } from "./errors.ts";
import { type Fact, type Graph, isConcrete, type Node, nodeReads } from "./graph/graph.ts";
import { evaluateNode } from "./ops/evaluate.ts";
import { assignLayout } from "./passes/assign-layout.ts";
import { atLeast, type OptimizationLevel, optimize } from "./passes/pipeline.ts";
import { bindInputs } from "./passes/propagate-facts.ts";
import { removeDead } from "./passes/remove-dead.ts";
import type { Plan } from "./plan/plan.ts";
import { planGraph } from "./plan/plan-graph.ts";
import type { Executor, RunControl } from "./runtime/executor.ts";
import { isTensor, type RuntimeValue } from "./value.ts";

export interface CompileOptions {
  readonly level: OptimizationLevel;
  /** Check the graph after every pass. */
  readonly verify?: boolean;
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

interface Cut {
  readonly node: Node;
  /** What is left to do; its inputs are the values alive behind the node. */
  readonly rest: Graph;
  /** Later stages by the dims of their inputs. */
  readonly next: Map<string, Stage>;
}

/** Dims by input name. */
export type InputDims = ReadonlyMap<string, readonly number[]>;

/** Passes that hold for any input shape; the result is what `compile` specialises. */
export const prepare = (graph: Graph, { level, verify = false }: CompileOptions): Graph =>
  optimize(graph, level, verify);

/** The pipeline for one set of input dims: facts → passes → layout → plan. */
export function compile(graph: Graph, dims: InputDims, options: CompileOptions): Stage {
  const concrete = optimize(bindInputs(graph, dims), options.level, options.verify);
  const { ready, cut, rest } = splitAtUnknown(concrete);
  const laidOut = removeDead(assignLayout(removeDead(ready), atLeast(options.level, "layout")));
  const plan = planGraph(laidOut, { reuse: options.level !== "disabled" });
  return { graph: laidOut, plan, cut: cut && { node: cut, rest, next: new Map() } };
}

/** Runs a stage and those behind it; gives every output of the graph it was compiled from. */
export function execute(
  executor: Executor,
  stage: Stage,
  feeds: ReadonlyMap<string, RuntimeValue>,
  outputs: readonly string[],
  options: CompileOptions,
  control?: RunControl,
): RuntimeValue[] {
  const values = new Map(feeds);
  for (
    let current: Stage | undefined = stage;
    current !== undefined;
    current = advance(current, values, options)
  ) {
    const { plan } = current;
    const results = executor.run(
      plan,
      plan.inputs.map((input) => lookUp(values, input.name)),
      control,
    );
    plan.outputs.forEach((output, i) => {
      values.set(output.name, results[i] as RuntimeValue);
    });
  }
  return outputs.map((name) => lookUp(values, name));
}

function advance(
  stage: Stage,
  values: Map<string, RuntimeValue>,
  options: CompileOptions,
): Stage | undefined {
  const { cut } = stage;
  if (cut === undefined) return undefined;
  const { node, rest, next } = cut;
  const constant = (name: string): RuntimeValue | undefined => values.get(name) ?? rest.facts.get(name)?.data;
  const results = evaluateNode(
    node,
    node.inputs.map((name) => (name === "" ? undefined : constant(name))),
    constant,
  );
  node.outputs.forEach((name, i) => {
    const result = results[i];
    if (name !== "" && result !== undefined) values.set(name, result);
  });
  const key = rest.inputs.map((name) => signature(lookUp(values, name))).join(";");
  const known = next.get(key);
  if (known !== undefined) return known;
  const facts = new Map(rest.facts);
  for (const name of rest.inputs) facts.set(name, factOfValue(lookUp(values, name)));
  const compiled = compile({ ...rest, facts }, new Map(), options);
  if (next.size >= MAX_STAGES) next.delete(next.keys().next().value as string);
  next.set(key, compiled);
  return compiled;
}

/** Compiled continuations kept for each data-dependent shape. */
const MAX_STAGES = 16;

function lookUp(values: ReadonlyMap<string, RuntimeValue>, name: string): RuntimeValue {
  const value = values.get(name);
  if (value === undefined) throw new InternalError(`no value ${JSON.stringify(name)}`);
  return value;
}

const factOfValue = (value: RuntimeValue): Fact =>
  isTensor(value)
    ? { dtype: value.dtype, dims: value.dims }
    : { dtype: value.dtype, container: value.container };

const signature = (value: RuntimeValue): string =>
  isTensor(value) ? `${value.dtype}[${value.dims}]` : value.container;

const isPlannable = (fact: Fact | undefined): boolean =>
  fact !== undefined && (fact.container !== undefined || isConcrete(fact));

/** The nodes that can be planned now, the first that cannot though its inputs are there, and the graph behind both. */
function splitAtUnknown(graph: Graph): { ready: Graph; cut: Node | undefined; rest: Graph } {
  const known = new Set(graph.inputs);
  for (const [name, fact] of graph.facts) if (fact.data !== undefined) known.add(name);
  const ready: Node[] = [];
  const waiting: Node[] = [];
  let cut: Node | undefined;
  for (const node of graph.nodes) {
    const available = [...nodeReads(node)].every((name) => known.has(name));
    const plannable =
      available && node.outputs.every((name) => name === "" || isPlannable(graph.facts.get(name)));
    if (plannable) {
      ready.push(node);
      for (const name of node.outputs) known.add(name);
    } else if (available && cut === undefined) cut = node;
    else waiting.push(node);
  }
  if (cut === undefined) return { ready: graph, cut, rest: graph };
  const inMemory = (name: string): boolean => known.has(name) && graph.facts.get(name)?.data === undefined;
  const needed = new Set([...waiting.flatMap((node) => [...nodeReads(node)]), ...graph.outputs]);
  const alive = [...new Set([...needed, ...nodeReads(cut)])].filter(inMemory);
  const own = cut.outputs.filter((name) => name !== "");
  const restInputs = [...alive.filter((name) => needed.has(name)), ...own];
  return {
    ready: { ...graph, nodes: ready, outputs: alive },
    cut,
    rest: { ...graph, inputs: restInputs, nodes: waiting },
  };
}
