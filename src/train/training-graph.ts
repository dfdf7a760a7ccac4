import type { DType } from "../dtype.ts";
import { UsageError } from "../errors.ts";
import {
  type Attributes,
  concreteDims,
  type Fact,
  type Graph,
  isConcrete,
  type Node,
  type State,
} from "../graph/graph.ts";
import { type GraphBuilder, graphBuilder } from "../nn/build.ts";
import type { Network } from "../nn/network.ts";
import { bindInputs, propagateFacts } from "../passes/propagate-facts.ts";
import { removeDead } from "../passes/remove-dead.ts";
import { elementCount, type TensorData } from "../tensor.ts";
import type { RuntimeValue } from "../value.ts";
import { differentiate } from "./differentiate.ts";
import type { LabelSpec, Loss } from "./losses.ts";
import type { Optimizer } from "./optimizers.ts";
import { scalarConstant } from "./scalar-constant.ts";

export interface TrainingOptions {
  /** What training makes smaller. */
  readonly loss: Loss;
  /** How gradients become new weights. */
  readonly optimizer: Optimizer;
  /** Gradients are scaled down to this norm, taken over all of them, where theirs is larger. */
  readonly clipNorm?: number;
  /** The order of samples and the masks of Dropout follow from it; default 0. */
  readonly seed?: number;
}

/** The names under which a training graph is fed and read. */
export const FEEDS = { labels: "labels", rate: "learning rate", step: "step", seed: "seed" } as const;

/** What an update is fed: a batch, the learning rate, the update's number from 1, and what its masks follow from. */
export function feedsOf(
  { graph }: Network,
  x: TensorData,
  labels: TensorData,
  { rate, step, seed }: { readonly rate: number; readonly step: number; readonly seed: number },
): ReadonlyMap<string, RuntimeValue> {
  const number = (value: number): TensorData => ({
    dtype: "float32",
    dims: [],
    data: Float32Array.of(value),
  });
  return new Map<string, RuntimeValue>([
    [graph.inputs[0] as string, x],
    [FEEDS.labels, labels],
    [FEEDS.rate, number(rate)],
    [FEEDS.step, number(step)],
    [FEEDS.seed, { dtype: "int32", dims: [], data: Int32Array.of(seed) }],
  ]);
}

/** What a checkpoint says it is of. */
export function signatureOf({ graph, trainable }: Network, { optimizer, loss }: TrainingOptions): string {
  const sizes = [...trainable].map((name) => elementCount(graph.facts.get(name)?.data?.dims ?? []));
  return `${graph.name}: ${sizes.length} weights of ${sizes.reduce((a, b) => a + b, 0)} numbers, ${optimizer.name}, ${loss.name}`;
}

/** One update as a graph: outputs are the loss, the network's output, then the next values of the states. */
export interface TrainingGraph {
  readonly graph: Graph;
  /** Running statistics, which the forward pass changes. */
  readonly statistics: readonly string[];
  /** What the loss takes as labels of the batch. */
  readonly labels: LabelSpec;
}

/**
 * The graph of one update on a batch: the network in training mode (batch statistics in BatchNormalization, Dropout at
 * work, in what depends on trainable values), the loss, the gradients, and the optimiser's step. Trainable values and
 * running statistics become states. Throws a UsageError for a network that cannot be trained as asked.
 */
export function trainingGraph(network: Network, batch: number, options: TrainingOptions): TrainingGraph {
  const { loss, optimizer, clipNorm } = options;
  const trainable = trainableOf(network);
  const start = withScalars(withBatch(asStates(network.graph, trainable), batch), {
    [FEEDS.rate]: "float32",
    [FEEDS.step]: "float32",
    [FEEDS.seed]: "int32",
  });
  const forward = inTrainingMode(start, trainable);
  const builder = graphBuilder({
    name: `${network.graph.name} training`,
    from: propagateFacts(forward.graph),
  });
  const output = network.graph.outputs[0] as string;
  const outputFact = builder.fact(output);
  if (network.graph.outputs.length !== 1 || !isConcrete(outputFact))
    throw new UsageError(`training needs a network with one output of known dims`);

  const labels = loss.labels(concreteDims(outputFact));
  builder.input(FEEDS.labels, labels.dtype, labels.dims);
  const lossValue = loss.build(builder, output, FEEDS.labels);
  const gradients = differentiate(builder, lossValue, new Set(trainable));
  const clipped = clip(builder, gradients, clipNorm);

  builder.output(lossValue);
  builder.output(output);
  const states: State[] = [];
  let outputs = 2;
  const keep = (state: string, next: string): void => {
    builder.output(next);
    states.push({ input: state, next: outputs++ });
  };
  for (const [state, next] of forward.updates) keep(state, next);
  for (const parameter of trainable) {
    const gradient = clipped.get(parameter);
    if (gradient === undefined) continue;
    const dims = concreteDims(builder.fact(parameter) as Fact);
    const slots = optimizer.slots.map((slot) => {
      return builder.input(`${parameter}/${slot}`, "float32", dims);
    });
    const next = [parameter, ...slots].map((name) => `${name} next`);
    optimizer.update(
      builder,
      { parameter, gradient, slots, rate: FEEDS.rate, step: FEEDS.step, guard: lossValue },
      next,
    );
    [parameter, ...slots].forEach((name, i) => {
      keep(name, next[i] as string);
    });
  }
  const graph = removeDead(builder.finish());
  const updated = new Set(states.map((state) => state.input));
  const readOnly = [...trainable, ...forward.statistics].filter((name) => !updated.has(name));
  return {
    graph: { ...graph, states: [...states, ...readOnly.map((name) => ({ input: name }))] },
    statistics: forward.statistics,
    labels,
  };
}

/** The trainable values in the order in which the graph has them. */
function trainableOf({ graph, trainable }: Network): string[] {
  const names = [...graph.facts].filter(([, fact]) => fact.data !== undefined).map(([name]) => name);
  const unknown = [...trainable].filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new UsageError(
      `not weights of ${graph.name}: ${unknown.map((name) => JSON.stringify(name)).join(", ")}`,
    );
  if (trainable.size === 0)
    throw new UsageError(`${graph.name} has nothing to train: every weight is frozen`);
  for (const name of trainable) {
    const { dtype } = graph.facts.get(name) as Fact;
    if (dtype !== "float32")
      throw new UsageError(`${graph.name}: the weight ${JSON.stringify(name)} is ${dtype}, not float32`);
  }
  return names.filter((name) => trainable.has(name));
}

/** Constants turned into inputs. */
function asStates(graph: Graph, names: readonly string[]): Graph {
  const facts = new Map(graph.facts);
  for (const name of names) {
    const { dtype, dims } = facts.get(name) as Fact;
    facts.set(name, { dtype, ...(dims && { dims }) });
  }
  return { ...graph, inputs: [...graph.inputs, ...names], facts };
}

/** A graph with further inputs that are numbers. */
function withScalars(graph: Graph, scalars: Readonly<Record<string, DType>>): Graph {
  const facts = new Map(graph.facts);
  for (const [name, dtype] of Object.entries(scalars)) {
    if (facts.has(name)) throw new UsageError(`training needs the name ${JSON.stringify(name)} for itself`);
    facts.set(name, { dtype, dims: [] });
  }
  return { ...graph, inputs: [...graph.inputs, ...Object.keys(scalars)], facts };
}

/** The first dim of every fed input set to the batch. */
export function withBatch(graph: Graph, batch: number): Graph {
  const dims = new Map<string, readonly number[]>();
  for (const name of graph.inputs) {
    const fact = graph.facts.get(name);
    const [first, ...rest] = fact?.dims ?? [];
    if (typeof first !== "string") continue;
    if (rest.some((dim) => typeof dim !== "number"))
      throw new UsageError(`the input ${name} has open dims besides the batch: [${fact?.dims}]`);
    dims.set(name, [batch, ...(rest as number[])]);
  }
  return bindInputs(graph, dims);
}

interface TrainingMode {
  readonly graph: Graph;
  /** Running statistics, by name, and what they become. */
  readonly updates: ReadonlyMap<string, string>;
  readonly statistics: readonly string[];
}

/**
 * BatchNormalization on batch statistics and Dropout with masks, in what depends on trainable values. A Dropout of the
 * constant 1 that something is multiplied by is a gate: of that, whole samples are dropped (`dropPath`).
 */
function inTrainingMode(graph: Graph, trainable: readonly string[]): TrainingMode {
  const active = new Set(trainable);
  const updates = new Map<string, string>();
  const facts = new Map(graph.facts);
  const gates = gatesOf(graph);
  let masks = 0;
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const reads = node.inputs.some((name) => active.has(name));
    if (reads) for (const name of node.outputs) active.add(name);
    if (!reads || node.domain !== "") return [node];
    if (node.op === "BatchNormalization") return [trainingNormalization(node, updates)];
    if (node.op === "Dropout") {
      const attributes = { ratio: ratioOf(node, facts), stream: masks++ };
      return masked(node, node.inputs[0] as string, attributes);
    }
    const gate = node.op === "Mul" ? node.inputs.findIndex((name) => gates.has(name)) : -1;
    if (gate >= 0) {
      const ratio = ratioOf(gates.get(node.inputs[gate] as string) as Node, facts);
      const attributes = { ratio, stream: masks++, perSample: 1 };
      return masked(node, node.inputs[1 - gate] as string, attributes);
    }
    return [node];
  });
  const statistics = [...updates.keys()];
  const extended = { ...graph, nodes, facts };
  return { graph: asStates(extended, statistics), updates, statistics };
}

function trainingNormalization(node: Node, updates: Map<string, string>): Node {
  const [x, scale, bias, mean, variance] = node.inputs as [string, string, string, string, string];
  const name = node.outputs[0] as string;
  const next = [mean, variance].map((statistic) => `${statistic} next`);
  updates.set(mean, next[0] as string);
  updates.set(variance, next[1] as string);
  const { epsilon, momentum } = node.attributes;
  return {
    ...node,
    op: "BatchNormalizationTraining",
    domain: "lanewise",
    opset: 1,
    attributes: { epsilon, momentum },
    inputs: [x, scale, bias, mean, variance],
    outputs: [name, ...next, `${name} mean`, `${name} inverse deviation`],
  };
}

/** Dropouts of the constant 1, by their outputs. */
function gatesOf({ nodes, facts }: Graph): ReadonlyMap<string, Node> {
  const isOne = (name: string | undefined): boolean => {
    const data = facts.get(name ?? "")?.data?.data;
    return data?.length === 1 && data[0] === 1;
  };
  const gates = nodes.filter(
    ({ op, domain, inputs }) => op === "Dropout" && domain === "" && isOne(inputs[0]),
  );
  return new Map(gates.map((node) => [node.outputs[0] as string, node]));
}

function ratioOf(dropout: Node, facts: ReadonlyMap<string, Fact>): number {
  const given = facts.get(dropout.inputs[1] ?? "")?.data;
  return given === undefined
    ? ((dropout.attributes.ratio as number | undefined) ?? 0.5)
    : Number(given.data[0]);
}

/** y = x · mask in a node's place, the mask drawn from the number of the update. */
function masked(node: Node, x: string, attributes: Attributes): Node[] {
  const y = node.outputs[0] as string;
  const mask = `${y} mask`;
  return [
    {
      op: "DropoutMask",
      domain: "lanewise",
      opset: 1,
      name: mask,
      attributes,
      inputs: [FEEDS.seed, x],
      outputs: [mask],
    },
    { ...node, op: "Mul", opset: 14, attributes: {}, inputs: [x, mask], outputs: [y] },
  ];
}

/** The gradients, scaled down where their common norm is above the bound. */
function clip(
  builder: GraphBuilder,
  gradients: ReadonlyMap<string, string>,
  bound: number | undefined,
): ReadonlyMap<string, string> {
  if (bound === undefined || gradients.size === 0) return gradients;
  const norm = builder.node(
    "GradientNorm",
    [...gradients.values()],
    {},
    { domain: "lanewise", outputs: ["gradient norm"] },
  );
  const most = scalarConstant(builder, "clip norm", bound);
  const factor = builder.node("Div", [most, builder.node("Max", [norm, most])]);
  return new Map([...gradients].map(([name, gradient]) => [name, builder.node("Mul", [gradient, factor])]));
}
