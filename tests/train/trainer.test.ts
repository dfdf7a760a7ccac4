import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../src/nn/build.ts";
import type { Network } from "../../src/nn/network.ts";
import type { TensorData } from "../../src/tensor.ts";
import { softmaxCrossEntropy } from "../../src/train/losses.ts";
import { sgd } from "../../src/train/optimizers.ts";
import { compile, type Trainer } from "../../src/train/trainer.ts";
import type { Batch, CompileOptions } from "../../src/train/training-types.ts";
import { random } from "../support/random.ts";

/** A small CNN for 1×8×8 pictures of three classes. */
function smallNetwork(): Network {
  const draw = random(7);
  const weights = (dims: readonly number[], scale: number): TensorData => ({
    dtype: "float32",
    dims,
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => (draw.next() - 0.5) * scale),
  });
  const b = graphBuilder({ name: "small" });
  b.input("x", "float32", ["N", 1, 8, 8]);
  b.constant("conv.weight", weights([4, 1, 3, 3], 1));
  b.constant("conv.bias", weights([4], 0));
  b.constant("dense.weight", weights([3, 64], 0.4));
  b.constant("dense.bias", weights([3], 0));
  const conv = b.node("Conv", ["x", "conv.weight", "conv.bias"], { pads: [1, 1, 1, 1] });
  const pool = b.node("MaxPool", [b.node("Relu", [conv])], { kernelShape: [2, 2], strides: [2, 2] });
  b.output(b.node("Gemm", [b.node("Flatten", [pool]), "dense.weight", "dense.bias"], { transB: 1 }));
  return {
    graph: b.finish(),
    trainable: new Set(["conv.weight", "conv.bias", "dense.weight", "dense.bias"]),
  };
}

/** Bars: upright, lying, and along the diagonal. */
function bars(count: number, seed: number): Batch {
  const draw = random(seed);
  const x = new Float32Array(count * 64);
  const labels = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    const kind = n % 3;
    labels[n] = kind;
    const at = draw.whole(0, 7);
    for (let i = 0; i < 8; i++) {
      const [row, column] = kind === 0 ? [i, at] : kind === 1 ? [at, i] : [i, (i + at) % 8];
      x[n * 64 + row * 8 + column] = 0.8 + 0.2 * draw.next();
    }
  }
  return {
    x: { dtype: "float32", dims: [count, 1, 8, 8], data: x },
    labels: { dtype: "int32", dims: [count], data: labels },
  };
}

const options: CompileOptions = {
  loss: softmaxCrossEntropy(),
  optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
};
const progress = { stepsPerEpoch: 1, epochs: 1 };

function steps(trainer: Trainer, from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => trainer.trainStep(bars(12, from + i), progress).loss);
}

describe("a trainer", () => {
  test("learns to tell bars apart", async () => {
    const trainer = await compile(smallNetwork(), options);
    const losses = steps(trainer, 0, 150);
    expect(losses[0]).toBeGreaterThan(0.7);
    expect(losses.slice(-5).every((loss) => loss < 0.1)).toBe(true);
    const { x, labels } = bars(30, 999);
    const scores = trainer.predict(x).data as Float32Array;
    const right = Array.from(labels.data as Int32Array).filter((label, n) => {
      const row = Array.from(scores.subarray(n * 3, n * 3 + 3));
      return row.indexOf(Math.max(...row)) === label;
    });
    expect(right.length).toBe(30);
  });

  test("resumes from a checkpoint bit for bit", async () => {
    const whole = await compile(smallNetwork(), options);
    steps(whole, 0, 10);
    const first = await compile(smallNetwork(), options);
    steps(first, 0, 4);
    const saved = first.checkpoint();
    const second = await compile(smallNetwork(), options);
    second.restore(saved);
    steps(second, 4, 10);
    expect(second.step).toBe(10);
    expect(second.checkpoint()).toEqual(whole.checkpoint());
  });

  test.each(["all", "disabled"] as const)("does the same at %s", async (level) => {
    const trainer = await compile(smallNetwork(), { ...options, graphOptimizationLevel: level });
    const reference = await compile(smallNetwork(), { ...options, simd: "plain" });
    const [own, other] = [steps(trainer, 0, 5), steps(reference, 0, 5)];
    own.forEach((loss, i) => {
      expect(loss).toBeCloseTo(other[i] as number, 4);
    });
  });

  test("keeps its weights when the loss is no number, and names the layer", async () => {
    const trainer = await compile(smallNetwork(), options);
    steps(trainer, 0, 2);
    const before = trainer.checkpoint();
    const { x, labels } = bars(12, 3);
    (x.data as Float32Array)[5] = Number.NaN;
    expect(() => trainer.trainStep({ x, labels }, progress)).toThrow(
      /the loss is NaN at update 3 \(first in the input\)/,
    );
    expect(trainer.checkpoint()).toEqual(before);
    const wild = await compile(smallNetwork(), { ...options, optimizer: sgd({ learningRate: 1e25 }) });
    expect(() => steps(wild, 0, 3)).toThrow(/at update 2 \(first in Gemm "gemm"\)/);
    expect(wild.step).toBe(1);
  });

  test("refuses a damaged checkpoint and changes nothing", async () => {
    const trainer = await compile(smallNetwork(), options);
    steps(trainer, 0, 2);
    const saved = trainer.checkpoint();
    const damaged = saved.slice();
    damaged[damaged.length - 9] = (damaged[damaged.length - 9] as number) ^ 1;
    expect(() => trainer.restore(damaged)).toThrow(/damaged/);
    expect(() => trainer.restore(saved.subarray(0, 10))).toThrow(/no checkpoint/);
    expect(trainer.checkpoint()).toEqual(saved);
  });
});
