import type { DType } from "../dtype.ts";
import { UsageError } from "../errors.ts";
import { concreteDims, type Fact, type Graph, isConcrete, type State } from "../graph/graph.ts";
import { type GraphBuilder, graphBuilder } from "../nn/build.ts";
import type { Network } from "../nn/network.ts";
import { bindInputs, propagateFacts } from "../passes/propagate-facts.ts";
import { removeDead } from "../passes/remove-dead.ts";
import { elementCount, type TensorData } from "../tensor.ts";
import type { RuntimeValue } from "../value.ts";
import { differentiate } from "./differentiate.ts";
import { type LayerRates, layerRates } from "./layer-rates.ts";
import type { LabelSpec, Loss } from "./losses.ts";
import type { Optimizer } from "./optimizers.ts";
import { scalarConstant } from "./scalar-constant.ts";
import { gradientNorm, nearby } from "./sharpness.ts";
import { asStates, inTrainingMode } from "./training-mode.ts";

export interface TrainingOptions {
  /** What training makes smaller. */
  readonly loss: Loss;
  /** How gradients become new weights. */
  readonly optimizer: Optimizer;
  /** Gradients are scaled down to this norm, taken over all of them, where theirs is larger. */
  readonly clipNorm?: number;
  /**
   * What the learning rate is multiplied by, by weights: `{ "head.*": 1, "*": 0.1 }`, of which the first that a name suits
   * counts, or a function of the name; 1 by default.
   */
  readonly learningRates?: LayerRates;
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
  const { loss, optimizer, clipNorm, learningRates } = options;
  const trainable = trainableOf(network);
  const rateOf = ratesIn(layerRates(trainable, learningRates));
  const start = withScalars(withBatch(asStates(network.graph, trainable), batch), {
    [FEEDS.rate]: "float32",
    [FEEDS.step]: "float32",
    [FEEDS.seed]: "int32",
  });
  const forward = inTrainingMode(start, trainable, FEEDS.seed);
  const first = graphBuilder({
    name: `${network.graph.name} training`,
    from: propagateFacts(forward.graph),
  });
  const output = network.graph.outputs[0] as string;
  const outputFact = first.fact(output);
  if (network.graph.outputs.length !== 1 || !isConcrete(outputFact))
    throw new UsageError(`training needs a network with one output of known dims`);

  const labels = loss.labels(concreteDims(outputFact));
  first.input(FEEDS.labels, labels.dtype, labels.dims);
  const ownLoss = loss.build(first, output, FEEDS.labels);
  const ownGradients = differentiate(first, ownLoss, new Set(trainable));
  const { perturbation } = optimizer;
  const found = { builder: first, loss: ownLoss, gradients: ownGradients };
  const {
    builder,
    loss: lossValue,
    gradients,
  } = perturbation === undefined
    ? found
    : nearby(found, { perturbation, nodes: forward.graph.nodes, output, loss, labels: FEEDS.labels });
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
      { parameter, gradient, slots, rate: rateOf(builder, parameter), step: FEEDS.step, guard: lossValue },
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

/** The learning rate of a weight, one value for all that have the same. */
function ratesIn(factors: ReadonlyMap<string, number>): (builder: GraphBuilder, weight: string) => string {
  const rates = new Map<number, string>([[1, FEEDS.rate]]);
  return (builder, weight) => {
    const factor = factors.get(weight) as number;
    const known = rates.get(factor);
    if (known !== undefined) return known;
    const rate = builder.node("Mul", [FEEDS.rate, scalarConstant(builder, "rate factor", factor)]);
    rates.set(factor, rate);
    return rate;
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

/** The gradients, scaled down where their common norm is above the bound. */
function clip(
  builder: GraphBuilder,
  gradients: ReadonlyMap<string, string>,
  bound: number | undefined,
): ReadonlyMap<string, string> {
  if (bound === undefined || gradients.size === 0) return gradients;
  const norm = gradientNorm(builder, gradients, "gradient norm");
  const most = scalarConstant(builder, "clip norm", bound);
  const factor = builder.node("Div", [most, builder.node("Max", [norm, most])]);
  return new Map([...gradients].map(([name, gradient]) => [name, builder.node("Mul", [gradient, factor])]));
}
