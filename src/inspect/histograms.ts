import { arrayOf, COUNT, dimsOf, numberIn, objectOf, stringOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { type Graph, isConcrete } from "../graph/graph.ts";
import type { Limits } from "../interruptible.ts";
import type { Network } from "../nn/network.ts";
import { bindInputs, propagateFacts } from "../passes/propagate-facts.ts";
import { Tensor } from "../tensor.ts";
import { networkOf } from "../train/check-network.ts";
import { type GradientOptions, gradient } from "../train/gradient.ts";
import { floatsOf } from "./float-tensor.ts";

/** How `activationHistograms` counts. */
export interface HistogramOptions
  extends Limits,
    Pick<GradientOptions, "simd" | "threads" | "threading" | "winograd" | "maxMemoryBytes"> {
  /** The values to count, by their names; by default all of float32 or float64 that nodes give. */
  readonly values?: readonly string[];
  /** Bins of equal width, 10,000 at most; 40 by default. */
  readonly bins?: number;
  /** Where the first bin begins and the last one ends; by default at the value's least and greatest number. */
  readonly range?: readonly [from: number, to: number];
}

/** How the numbers of a value are distributed. Least, greatest, mean and deviation are those of the finite ones. */
export interface Histogram {
  /** The value. */
  readonly name: string;
  /** The operator that gives it; undefined for an input. */
  readonly op: string | undefined;
  /** With the batch. */
  readonly dims: readonly number[];
  /** How many numbers there are. */
  readonly count: number;
  /** How many of them are NaN or infinite. */
  readonly notFinite: number;
  /** The least. */
  readonly min: number;
  /** The greatest. */
  readonly max: number;
  /** Their mean. */
  readonly mean: number;
  /** Their standard deviation: the root of the mean square about the mean. */
  readonly std: number;
  /** The share that is exactly 0: of rectified values, of what is switched off. */
  readonly zeros: number;
  /** Where the first bin begins. */
  readonly from: number;
  /** Where the last bin ends; numbers just there are in it. */
  readonly to: number;
  /** Finite numbers by bin; what lies outside is in none. */
  readonly counts: readonly number[];
}

const MOST_BINS = 10_000;

/**
 * Histograms of what a network's values have over a batch, layer by layer, in the order of the nodes. What all
 * of them give lies in memory together: of large networks name some, or take fewer pictures.
 *
 * @param batch - What the network takes, batch first.
 */
export async function activationHistograms(
  network: Network,
  batch: Tensor,
  options: HistogramOptions = {},
): Promise<readonly Histogram[]> {
  const { graph } = networkOf("activationHistograms", network);
  const {
    values,
    bins = 40,
    range,
    signal,
    timeoutMs,
    ...rest
  } = objectOf("activationHistograms: the options", options);
  numberIn("activationHistograms: bins", bins, { ...COUNT, to: MOST_BINS });
  if (range !== undefined) {
    arrayOf("activationHistograms: range", range);
    const from = numberIn("activationHistograms: range", range[0]);
    numberIn("activationHistograms: range", range[1], { above: from });
  }
  const { dims } = objectOf("activationHistograms: the batch", batch);
  dimsOf("activationHistograms: the batch's dims", dims);
  const [input, ...others] = graph.inputs as [string, ...string[]];
  if (others.length > 0)
    throw new UsageError(
      `activationHistograms: ${graph.name} takes ${graph.inputs.join(", ")}: expected one batch`,
    );
  // Where the network fixes its batch, its samples run one by one.
  const isApart = graph.facts.get(input)?.dims?.[0] === 1 && (dims[0] as number) > 1;
  const known = countable(graph, input, isApart ? [1, ...dims.slice(1)] : dims);
  const named = values === undefined ? known : arrayOf("activationHistograms: values", values);
  for (const name of named)
    if (!known.includes(stringOf("activationHistograms: values", name)) && name !== input)
      throw new UsageError(
        `activationHistograms: ${JSON.stringify(name)} is no value of float32 or float64 that a node of ${graph.name} gives`,
      );
  const [first] = named;
  if (first === undefined) throw new UsageError(`activationHistograms: ${graph.name} has no values to count`);
  const session = await gradient(network, { ...rest, of: first, withRespectTo: [], values: named });
  try {
    const runs: Readonly<Record<string, Tensor>>[] = [];
    for (const x of isApart ? samplesOf(batch) : [batch])
      runs.push((await session.run({ [input]: x }, { signal, timeoutMs })).values);
    const ops = new Map(graph.nodes.flatMap(({ op, outputs }) => outputs.map((name) => [name, op] as const)));
    return named.map((name) => {
      const tensors = runs.map((values) => values[name] as Tensor);
      const own = (tensors[0] as Tensor).dims;
      const shape = isApart ? [dims[0] as number, ...own.slice(1)] : own;
      return { name, op: ops.get(name), dims: shape, ...histogramOf(joined(tensors), bins, range) };
    });
  } finally {
    await session.release();
  }
}

function samplesOf(batch: Tensor): readonly Tensor[] {
  const numbers = floatsOf(batch);
  const count = batch.dims[0] as number;
  const size = numbers.length / count;
  return Array.from({ length: count }, (_, i) => {
    const dims = [1, ...batch.dims.slice(1)];
    return new Tensor("float32", numbers.slice(i * size, (i + 1) * size), dims);
  });
}

/** The numbers of tensors, one behind the other. */
function joined(tensors: readonly Tensor[]): Float32Array {
  const [only, ...others] = tensors.map((tensor) => floatsOf(tensor)) as [Float32Array, ...Float32Array[]];
  if (others.length === 0) return only;
  const all = new Float32Array(others.reduce((length, part) => length + part.length, only.length));
  let at = 0;
  for (const part of [only, ...others]) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Names of the values that nodes give, floats of known dims that depend on the input. */
function countable(graph: Graph, input: string, dims: readonly number[]): readonly string[] {
  const { nodes, facts } = propagateFacts(bindInputs(graph, new Map([[input, dims]])));
  return nodes
    .flatMap(({ outputs }) => outputs)
    .filter((name) => {
      const fact = facts.get(name);
      const isFloat = fact?.dtype === "float32" || fact?.dtype === "float64";
      return isFloat && fact.container === undefined && fact.data === undefined && isConcrete(fact);
    });
}

/** How numbers are distributed; where all are equal, bins cover 0.5 on either side. */
function histogramOf(
  numbers: Float32Array,
  bins: number,
  range: readonly [number, number] | undefined,
): Omit<Histogram, "name" | "op" | "dims"> {
  const finite = numbers.filter(Number.isFinite);
  let [min, max, sum, zeros] = [Infinity, -Infinity, 0, 0];
  for (const value of finite) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    if (value === 0) zeros++;
  }
  const mean = sum / finite.length;
  const square = finite.reduce((total, value) => total + (value - mean) ** 2, 0);
  const own = finite.length === 0 ? [0, 1] : min === max ? [min - 0.5, max + 0.5] : [min, max];
  const [from, to] = (range ?? own) as [number, number];
  const counts = new Array<number>(bins).fill(0);
  for (const value of finite) {
    if (value < from || value > to) continue;
    const bin = Math.min(Math.floor(((value - from) / (to - from)) * bins), bins - 1);
    counts[bin] = (counts[bin] as number) + 1;
  }
  return {
    count: numbers.length,
    notFinite: numbers.length - finite.length,
    min: finite.length === 0 ? Number.NaN : min,
    max: finite.length === 0 ? Number.NaN : max,
    mean,
    std: Math.sqrt(square / finite.length),
    zeros: zeros / numbers.length,
    from,
    to,
    counts,
  };
}
