import { expect } from "vitest";
import { concreteDims, type Fact, type Graph } from "../../src/graph/graph.ts";
import { graphBuilder } from "../../src/nn/build.ts";
import type { Network } from "../../src/nn/network.ts";
import { toNumbers } from "../../src/ops/shared/elements.ts";
import { propagateFacts } from "../../src/passes/propagate-facts.ts";
import { elementCount, type TensorData, tensorData } from "../../src/tensor.ts";
import { gradientOutputs } from "../../src/train/differentiate.ts";
import { withBatch } from "../../src/train/training-graph.ts";
import { random, runner } from "../train/gradients/harness.ts";

const STEP = 1e-5;
/** Relative to the largest gradient by a value; what central differences in float64 leave is far below. */
const TOLERANCE = 1e-6;
/** Elements of each value that are moved. */
const LOOKS = 25;

/** The network in float64, its weights turned into inputs, and what these begin with. */
function inDoubles({ graph, trainable }: Network): { graph: Graph; weights: Map<string, TensorData> } {
  // A Resize takes its scales in float32 whatever it resizes.
  const narrow = new Set(graph.nodes.flatMap(({ op, inputs }) => (op === "Resize" ? inputs.slice(1) : [])));
  const weights = new Map<string, TensorData>();
  const facts = new Map<string, Fact>();
  for (const [name, fact] of graph.facts) {
    const { data } = fact;
    if (fact.dtype !== "float32" || narrow.has(name)) facts.set(name, fact);
    else if (data === undefined) facts.set(name, { ...fact, dtype: "float64" });
    else {
      const wide = tensorData("float64", data.dims, Float64Array.from(toNumbers(data)));
      if (trainable.has(name)) weights.set(name, wide);
      const known = trainable.has(name) ? undefined : wide;
      facts.set(name, { dtype: "float64", dims: data.dims, ...(known && { data: known }) });
    }
  }
  return { graph: { ...graph, inputs: [...graph.inputs, ...trainable], facts }, weights };
}

/**
 * Holds the gradients of a sum of a network's output, with random weights, by its input and by all its parameters to
 * central differences in float64. Parameters are moved a little from what they begin with: zeros and ones hide errors.
 */
export function expectGradients(network: Network, batch = 2, seed = 1): void {
  const next = random(seed);
  const { graph, weights } = inDoubles(network);
  const draws = (dims: readonly number[], from: number, to: number): Float64Array =>
    Float64Array.from({ length: elementCount(dims) }, () => from + (to - from) * next());
  const bound = propagateFacts(withBatch(graph, batch));
  const feeds = new Map<string, TensorData>();
  for (const name of graph.inputs) {
    const dims = concreteDims(bound.facts.get(name) as Fact);
    const begin = weights.get(name);
    const data =
      begin === undefined
        ? draws(dims, -2, 2)
        : draws(dims, -0.2, 0.2).map((shift, i) => shift + (begin.data[i] as number));
    feeds.set(name, tensorData("float64", dims, data));
  }
  const outputs = graph.outputs.map((name) => concreteDims(bound.facts.get(name) as Fact));
  const slopes = outputs.map((dims) => tensorData("float64", dims, draws(dims, -1, 1)));

  const lossIn = (withGradients: boolean) => {
    const builder = graphBuilder({ name: graph.name, from: bound });
    const sums = graph.outputs.map((name, i) => {
      const weighted = builder.node("Mul", [name, builder.constant(`slopes ${i}`, slopes[i] as TensorData)]);
      return builder.node("ReduceSum", [weighted], { keepdims: 0 });
    });
    const loss = sums.reduce((a, b) => builder.node("Add", [a, b]));
    builder.output(loss);
    if (withGradients) {
      for (const name of gradientOutputs(builder, loss, graph.inputs)) builder.output(name);
    }
    return runner(builder.finish(), "disabled");
  };
  const [, ...gradients] = lossIn(true)(feeds);
  const lossOf = lossIn(false);
  graph.inputs.forEach((name, k) => {
    const value = feeds.get(name) as TensorData;
    const found = Array.from(toNumbers(gradients[k] as TensorData));
    expect(gradients[k]?.dims, `dims of the gradient by ${name}`).toEqual(value.dims);
    const scale = Math.max(1e-3, ...found.map(Math.abs));
    for (let i = 0; i < found.length; i += Math.max(1, Math.floor(found.length / LOOKS))) {
      const moved = (step: number): number => {
        const data = Float64Array.from(value.data as Float64Array);
        data[i] = (data[i] as number) + step;
        const [loss] = lossOf(new Map(feeds).set(name, tensorData("float64", value.dims, data)));
        return Number(loss?.data[0]);
      };
      const slope = (moved(STEP) - moved(-STEP)) / (2 * STEP);
      const error = Math.abs((found[i] as number) - slope) / scale;
      expect(error, `by ${name}[${i}]: ${found[i]} against ${slope}`).toBeLessThan(TOLERANCE);
    }
  });
}
