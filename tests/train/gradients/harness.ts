import { expect } from "vitest";
import { compile, prepare } from "../../../src/compile.ts";
import type { DType } from "../../../src/dtype.ts";
import { execute } from "../../../src/execute.ts";
import { type Attributes, concreteDims, type Fact, type Graph } from "../../../src/graph/graph.ts";
import { verifyGraph } from "../../../src/graph/verify.ts";
import { graphBuilder } from "../../../src/nn/build.ts";
import { fromNumbers, toNumbers } from "../../../src/ops/shared/elements.ts";
import type { OptimizationLevel } from "../../../src/passes/pipeline.ts";
import { propagateFacts } from "../../../src/passes/propagate-facts.ts";
import { createExecutor } from "../../../src/runtime/executor.ts";
import { elementCount, type TensorData } from "../../../src/tensor.ts";
import { differentiate } from "../../../src/train/differentiate.ts";

/** An input of an operator: random numbers of its dims, or a tensor that stays as it is. */
export type Given =
  | { readonly dims: readonly number[]; readonly from?: number; readonly to?: number; readonly fixed?: true }
  | { readonly constant: TensorData }
  | { readonly fed: TensorData }
  | undefined;

/** One node whose gradients are compared with finite differences. */
export interface GradientCase {
  readonly op: string;
  readonly inputs: readonly Given[];
  readonly attributes?: Attributes;
  readonly domain?: string;
  readonly opset?: number;
  readonly outputs?: number;
  /** The outputs that the loss is made of; all by default. */
  readonly lossOf?: readonly number[];
  /** Says what the case is about. */
  readonly about?: string;
  /** Of the gradients in float32 to those in float64, relative to the largest. */
  readonly float32Tolerance?: number;
}

export const ints = (...values: number[]): { readonly constant: TensorData } => ({
  constant: { dtype: "int64", dims: [values.length], data: BigInt64Array.from(values, BigInt) },
});

/** Random numbers by seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Built {
  readonly graph: Graph;
  /** The graph's outputs are the loss and the gradients by these. */
  readonly by: readonly string[];
  readonly feeds: ReadonlyMap<string, TensorData>;
}

/** The node with its loss, a sum of its outputs with random weights, and with or without its gradients. */
function build(test: GradientCase, dtype: DType, withGradients: boolean, seed: number): Built {
  const next = random(seed);
  const own = graphBuilder({ name: test.op, ...(test.opset && { opset: test.opset }) });
  const feeds = new Map<string, TensorData>();
  const by: string[] = [];
  const draw = (dims: readonly number[], from: number, to: number, type = dtype): TensorData =>
    fromNumbers(
      type,
      dims,
      Float64Array.from({ length: elementCount(dims) }, () => Math.fround(from + (to - from) * next())),
    );
  const names = test.inputs.map((given, i) => {
    const name = `x${i}`;
    if (given === undefined) return "";
    if ("constant" in given) return own.constant(name, given.constant);
    if ("fed" in given) {
      feeds.set(name, given.fed);
      return own.input(name, given.fed.dtype, given.fed.dims);
    }
    const data = draw(given.dims, given.from ?? -2, given.to ?? 2);
    if (given.fixed === true) return own.constant(name, data);
    feeds.set(name, data);
    by.push(name);
    return own.input(name, dtype, given.dims);
  });
  const outputs = Array.from({ length: test.outputs ?? 1 }, (_, i) => `y${i}`);
  own.node(test.op, names, test.attributes ?? {}, { domain: test.domain ?? "", outputs });
  for (const name of outputs) own.output(name);
  // What comes behind the node follows the builder's own opset, as in training.
  const builder = graphBuilder({ name: test.op, from: propagateFacts(own.finish()) });
  const sums = outputs
    .filter((_, i) => test.lossOf === undefined || test.lossOf.includes(i))
    .map((name) => {
      const fact = builder.fact(name) as Fact;
      const weights = builder.constant(`weights of ${name}`, draw(concreteDims(fact), -1, 1, fact.dtype));
      const flat = builder.node("Reshape", [
        builder.node("Mul", [name, weights]),
        builder.constant(`flat ${name}`, ints(-1).constant),
      ]);
      return builder.node("ReduceSum", [flat], { keepdims: 0 });
    });
  const loss = sums.reduce((a, b) => builder.node("Add", [a, b]));
  builder.output(loss);
  if (withGradients) {
    const gradients = differentiate(builder, loss, new Set(by));
    for (const name of by) builder.output(gradients.get(name) as string);
  }
  return { graph: builder.finish(), by, feeds };
}

export function runner(graph: Graph, level: OptimizationLevel) {
  const options = { level, verify: verifyGraph };
  const stage = compile(prepare(graph, options), new Map(), options);
  const executor = createExecutor("plain");
  return (feeds: ReadonlyMap<string, TensorData>): readonly TensorData[] =>
    execute(executor, stage, feeds, graph.outputs, options) as TensorData[];
}

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const STEP = 1e-5;
/** Relative to the largest gradient of an input; what central differences in float64 leave is far below. */
const TOLERANCE = 1e-6;

/**
 * Holds every gradient of a node to central differences in float64, and the gradients in float32 with all optimisations
 * to those in float64.
 */
export function checkGradients(test: GradientCase, seed = 1): void {
  const { graph, by, feeds } = build(test, "float64", true, seed);
  const [, ...gradients] = runner(graph, "disabled")(feeds);
  const lossOf = runner(build(test, "float64", false, seed).graph, "disabled");
  const slopes = by.map((name, k) => {
    const value = feeds.get(name) as TensorData;
    const gradient = gradients[k] as TensorData;
    expect(gradient.dims, `dims of the gradient by ${name}`).toEqual(value.dims);
    const stride = Math.max(1, Math.floor(value.data.length / 60));
    const found = toNumbers(gradient);
    expect(found.every(Number.isFinite), `the gradient by ${name} is finite`).toBe(true);
    const scale = Math.max(largest(found), 1e-3);
    for (let i = 0; i < value.data.length; i += stride) {
      const moved = (step: number): number => {
        const data = Float64Array.from(value.data as Float64Array);
        data[i] = (data[i] as number) + step;
        const [loss] = lossOf(new Map(feeds).set(name, { ...value, data } as TensorData));
        return Number((loss as TensorData).data[0]);
      };
      const slope = (moved(STEP) - moved(-STEP)) / (2 * STEP);
      const error = Math.abs((found[i] as number) - slope) / scale;
      expect(error, `by ${name}[${i}]: ${found[i]} against ${slope}`).toBeLessThan(TOLERANCE);
    }
    return found;
  });
  const narrow = build(test, "float32", true, seed);
  const [, ...inFloat32] = runner(narrow.graph, "all")(narrow.feeds);
  slopes.forEach((expected, k) => {
    const found = toNumbers(inFloat32[k] as TensorData);
    const error = largest(Float64Array.from(expected, (value, i) => value - (found[i] as number)));
    const scale = Math.max(largest(expected), 1e-3);
    expect(error / scale, `${by[k]} in float32`).toBeLessThan(test.float32Tolerance ?? 1e-4);
  });
}
