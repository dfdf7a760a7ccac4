import { expect, test } from "vitest";
import { graphBuilder } from "../../src/nn/build.ts";
import { conv2d, sequential } from "../../src/nn/index.ts";
import type { TensorData } from "../../src/tensor.ts";
import { differentiate } from "../../src/train/differentiate.ts";
import {
  adam,
  compile,
  fromGenerator,
  type Loss,
  meanIntersectionOverUnion,
  softmaxCrossEntropy,
} from "../../src/train/index.ts";
import { random, runner } from "./gradients/harness.ts";

/** A loss of scores in float64, and its gradient by them. */
function lossOf(loss: Loss, scores: TensorData, labels: TensorData) {
  const builder = graphBuilder({ name: loss.name });
  builder.input("scores", "float64", scores.dims);
  builder.input("labels", labels.dtype, labels.dims);
  const value = loss.build(builder, "scores", "labels");
  builder.output(value);
  builder.output(differentiate(builder, value, new Set(["scores"])).get("scores") as string);
  const run = runner(builder.finish(), "disabled");
  return (data: Float64Array): readonly [number, Float64Array] => {
    const [found, gradient] = run(
      new Map([
        ["scores", { ...scores, data }],
        ["labels", labels],
      ] as [string, TensorData][]),
    ) as [TensorData, TensorData];
    return [Number(found.data[0]), gradient.data as Float64Array];
  };
}

/** Scores and a class for each place, drawn by a seed. */
function drawn(dims: readonly [number, number, ...number[]]) {
  const draw = random(7);
  const [batch, classes, ...places] = dims;
  const size = dims.reduce((a, b) => a * b, 1);
  const scores = Float64Array.from({ length: size }, () => 4 * draw() - 2);
  const labels = Int32Array.from({ length: size / classes }, () => Math.floor(draw() * classes));
  return {
    scores: { dtype: "float64", dims, data: scores } as TensorData & { readonly data: Float64Array },
    labels: { dtype: "int32", dims: [batch, ...places], data: labels } as TensorData,
    classes,
    places: places.reduce((a, b) => a * b, 1),
  };
}

/** Central differences at every number, against a gradient. */
function expectSlopes(run: ReturnType<typeof lossOf>, at: Float64Array): void {
  const [, gradient] = run(at);
  at.forEach((value, i) => {
    const moved = (step: number) => run(at.with(i, value + step))[0];
    expect(gradient[i], `by score ${i}`).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 7);
  });
}

/** −log of a class's softmax. */
function surprise(scores: readonly number[], label: number): number {
  return Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - (scores[label] as number);
}

test.each([[[3, 4]], [[2, 3, 4, 5]], [[2, 3, 6]]] as [[number, number, ...number[]]][])(
  "softmaxCrossEntropy of scores [%s]: the mean over places, and its gradient by differences",
  (dims) => {
    const { scores, labels, classes, places } = drawn(dims);
    const loss = softmaxCrossEntropy();
    expect(loss.labels(dims)).toEqual({ dtype: "int32", dims: labels.dims, classes });
    const run = lossOf(loss, scores, labels);
    let sum = 0;
    Array.from(labels.data as Int32Array).forEach((label, i) => {
      const from = Math.floor(i / places) * classes * places + (i % places);
      const row = Array.from({ length: classes }, (_, c) => scores.data[from + c * places] as number);
      sum += surprise(row, label);
    });
    expect(run(scores.data)[0]).toBeCloseTo(sum / labels.data.length, 12);
    expectSlopes(run, scores.data);
  },
);

test("softmaxCrossEntropy smooths label maps as it smooths labels", () => {
  const { scores, labels } = drawn([2, 3, 4]);
  const rows = { ...scores, dims: [8, 3], data: new Float64Array(24) };
  for (let i = 0; i < 24; i++)
    rows.data[(Math.floor(i / 12) * 4 + (i % 4)) * 3 + (Math.floor(i / 4) % 3)] = scores.data[i] as number;
  const loss = softmaxCrossEntropy({ labelSmoothing: 0.2 });
  const [map] = lossOf(loss, scores, labels)(scores.data);
  const [list] = lossOf(loss, rows, { ...labels, dims: [8] } as TensorData)(rows.data);
  expect(map).toBeCloseTo(list, 12);
});

test("a network learns label maps from a data set of them", async () => {
  const draw = random(3);
  const pictures = Array.from({ length: 16 }, () => Float32Array.from({ length: 36 }, () => draw() - 0.5));
  const data = fromGenerator({
    length: 16,
    inputDims: [1, 6, 6],
    labelDims: [6, 6],
    classes: 2,
    sample: (index) => {
      const x = pictures[index] as Float32Array;
      return { x, y: Array.from(x, (value) => Number(value > 0)) };
    },
  });
  const network = sequential({ input: [1, 6, 6], seed: 1 }, [conv2d({ filters: 2, kernelSize: 1 })]);
  const trainer = await compile(network, {
    loss: softmaxCrossEntropy(),
    optimizer: adam({ learningRate: 0.1 }),
    metrics: [meanIntersectionOverUnion()],
  });
  const before = await trainer.evaluate(data);
  await trainer.fit(data, { epochs: 40, batchSize: 4 });
  const after = await trainer.evaluate(data);
  expect(before["mean IoU"]).toBeLessThan(0.7);
  expect(after["mean IoU"]).toBeGreaterThan(0.95);
  const x: TensorData = { dtype: "float32", dims: [1, 1, 6, 6], data: new Float32Array(36) };
  const wrong: TensorData = { dtype: "int32", dims: [1, 6, 6], data: new Int32Array(36).fill(2) };
  expect(() => trainer.trainStep({ x, labels: wrong }, { stepsPerEpoch: 1, epochs: 1 })).toThrow(
    /expected 0 to 1/,
  );
});
