import { dtypeInfo } from "../dtype.ts";
import { InternalError, labelOf } from "../errors.ts";
import { concreteDims, type Graph, isConcrete, type Node, nodeReads } from "../graph/graph.ts";
import { BY_DEFINITION, type Settled } from "../kernels/choose.ts";
import type { Settings } from "../kernels/site.ts";
import { stridedShape } from "../kernels/strided-shape.ts";
import { assertFits, assertFitsHost } from "../memory-limit.ts";
import { evaluating } from "../ops/evaluate.ts";
import { elementCount } from "../tensor.ts";
import { type BufferTable, bufferTable } from "./buffers.ts";
import { kernelStep, lowerNode, rawConstant, structAt } from "./lower.ts";
import type { HostStep, Place, Plan, PlannedValue, Step } from "./plan.ts";
import { planStorage, type StoragePlan } from "./storage.ts";

export interface PlanOptions {
  /** False gives every value bytes of its own: slower, larger, and free of planning mistakes. */
  readonly reuse?: boolean;
  /** The most bytes that the plan, or a value made on the host, may take; by default what wasm could hold. */
  readonly maxMemoryBytes?: number | undefined;
}

/**
 * Schedules a concrete graph whose choices are settled: storage, kernel calls and host calls, one arena.
 * Throws a MemoryError before anything is allocated where it would not fit.
 */
export function planGraph(
  { graph, choices }: Settled,
  settings: Settings,
  { reuse = true, maxMemoryBytes }: PlanOptions = {},
): Plan {
  const storage = planStorage(graph, choices, reuse);
  const states = new Map((graph.states ?? []).map((state) => [state.input, state.next]));
  const buffers = bufferTable(storage, reuse, new Set(states.keys()));
  const slots = new Map<string, number>();
  const planned = (name: string): PlannedValue => plannedValue(name, graph, storage, buffers, slots);
  const steps: Step[] = [];
  graph.nodes.forEach((node, at) => {
    if (storage.free.has(node) || isEmpty(node, graph)) return;
    const choice = choices.get(node) ?? BY_DEFINITION;
    const lowered = lowerNode(node, choice, at, graph, storage, buffers, settings);
    for (const step of lowered ?? [hostStep(node, planned, maxMemoryBytes)]) steps.push(step);
  });
  const nextOutputs = new Set(states.values());
  const inputs = graph.inputs.filter((name) => !states.has(name)).map(planned);
  const outputs = graph.outputs.filter((_, i) => !nextOutputs.has(i)).map(planned);
  for (const [input, next] of states) {
    const value = next === undefined ? undefined : graph.outputs[next];
    if (value !== undefined) steps.push(...keepState(planned(input), planned(value), buffers));
  }
  const { buffers: list, arenaBytes, tables } = buffers.finish();
  const constantBytes = list.reduce(
    (sum, buffer) => sum + (buffer.kind === "constant" ? buffer.bytes : 0),
    0,
  );
  assertFits("the model", arenaBytes + constantBytes, maxMemoryBytes);
  return { buffers: list, arenaBytes, tables, inputs, outputs, steps };
}

/**
 * Looks at the values of a graph before it is worked out how they are made, which takes time and room by their sizes: all of
 * them have dims, and none is larger than may be.
 */
export function assertPlannable(graph: Graph, maxBytes: number | undefined): void {
  assertConcrete(graph);
  assertValuesFit(graph, maxBytes);
}

function assertConcrete(graph: Graph): void {
  for (const name of [...graph.inputs, ...graph.nodes.flatMap((node) => node.outputs)]) {
    const fact = graph.facts.get(name);
    if (name === "" || fact?.container !== undefined || isConcrete(fact)) continue;
    throw new InternalError(`planning ${JSON.stringify(name)} with dims ${JSON.stringify(fact?.dims)}`);
  }
}

function assertValuesFit(graph: Graph, maxBytes: number | undefined): void {
  for (const node of graph.nodes) {
    node.outputs.forEach((name, i) => {
      const fact = graph.facts.get(name);
      if (fact === undefined || fact.container !== undefined || fact.data !== undefined) return;
      const what = `${labelOf(node)}: output ${i}`;
      if (fact.dtype === "string") assertFitsHost(what, fact.dtype, concreteDims(fact), maxBytes);
      else assertFits(what, elementCount(concreteDims(fact)) * dtypeInfo[fact.dtype].bytes, maxBytes);
    });
  }
}

/** Nothing to compute: every output is a tensor without elements. */
const isEmpty = (node: Node, graph: Graph): boolean =>
  node.outputs.every((name) => {
    const fact = graph.facts.get(name);
    return (
      name === "" ||
      (fact !== undefined &&
        fact.container === undefined &&
        fact.dtype !== "string" &&
        elementCount(concreteDims(fact)) === 0)
    );
  });

function plannedValue(
  name: string,
  graph: Graph,
  storage: StoragePlan,
  buffers: BufferTable,
  slots: Map<string, number>,
): PlannedValue {
  const fact = graph.facts.get(name);
  if (fact === undefined) throw new InternalError(`nothing is known of ${JSON.stringify(name)}`);
  const place = (): Place => {
    if (fact.data !== undefined) return { kind: "constant", value: fact.data };
    const at = storage.of.get(name);
    if (at === undefined) {
      const slot = slots.get(name) ?? slots.size;
      slots.set(name, slot);
      return { kind: "host", slot };
    }
    return {
      kind: "memory",
      buffer: buffers.root(at.root),
      offsetBytes: at.offsetBytes,
      layout: fact.layout ?? "rowMajor",
      pixelStride: at.pixelStride,
    };
  };
  return { name, dtype: fact.dtype, dims: isConcrete(fact) ? concreteDims(fact) : [], place: place() };
}

/** Copies a state's next value to the state's bytes, where it is not there already. */
function keepState(state: PlannedValue, value: PlannedValue, buffers: BufferTable): Step[] {
  const [from, to] = [value.place, state.place];
  if (to.kind !== "memory" || from.kind === "host" || state.dims.join() !== value.dims.join())
    throw new InternalError(`the state ${state.name} cannot become ${value.name}`);
  const bytes = elementCount(state.dims) * dtypeInfo[state.dtype].bytes;
  if (bytes === 0) return [];
  const source =
    from.kind === "constant"
      ? { buffer: rawConstant(from.value, buffers), offsetBytes: 0 }
      : { buffer: from.buffer, offsetBytes: from.offsetBytes };
  if (source.buffer === to.buffer) return [];
  const target = { buffer: to.buffer, offsetBytes: to.offsetBytes };
  const run = stridedShape([Math.ceil(bytes / 4)], [1], [], [1]);
  const shape = structAt("StridedShape", run, buffers);
  return [kernelStep(state.name, "State", "x32_copy", shape, source, target)];
}

function hostStep(
  node: Node,
  planned: (name: string) => PlannedValue,
  maxBytes: number | undefined,
): HostStep {
  const own = new Set(node.inputs);
  const captures = [...nodeReads(node)].filter((name) => !own.has(name));
  return {
    kind: "host",
    node: node.name,
    op: node.op,
    inputs: node.inputs.map((name) => (name === "" ? undefined : planned(name))),
    captures: captures.map(planned),
    outputs: node.outputs.map((name) => (name === "" ? undefined : planned(name))),
    evaluate: (inputs, captured) => {
      const named = new Map(captured);
      node.inputs.forEach((name, i) => {
        const value = inputs[i];
        if (value !== undefined) named.set(name, value);
      });
      return evaluating(node, inputs, (name) => named.get(name), { maxBytes, fits: true });
    },
  };
}
