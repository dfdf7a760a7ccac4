import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lenet5, lenet5Of1998 } from "../../models/lenet5.ts";
import {
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  maxPool2d,
  relu,
  sequential,
} from "../../src/nn/index.ts";
import type { Network } from "../../src/nn/network.ts";
import { softmaxCrossEntropy } from "../../src/train/losses.ts";
import { adam, type Optimizer, sgd } from "../../src/train/optimizers.ts";
import type { Trainer } from "../../src/train/trainer.ts";
import type { Batch } from "../../src/train/training-types.ts";
import { random } from "../support/random.ts";

const BATCH = 20;
const STEPS = 4;

/** Strides, a depthwise and a 1×1 convolution, batch statistics and Dropout. */
const normalised = (): Network =>
  sequential({ input: [3, 17, 17], name: "normalised", seed: 5 }, [
    conv2d({ filters: 12, kernelSize: 3, stride: 2, padding: 1, bias: false }),
    batchNorm(),
    relu(),
    conv2d({ filters: 12, kernelSize: 3, padding: 1, groups: 12, bias: false }),
    batchNorm(),
    relu(),
    conv2d({ filters: 20, kernelSize: 1 }),
    maxPool2d({ kernelSize: 3, stride: 2 }),
    conv2d({ filters: 20, kernelSize: 3, padding: 1 }),
    batchNorm(),
    relu(),
    flatten(),
    dropout({ rate: 0.3 }),
    dense({ units: 10 }),
  ]);

function batchOf(dims: readonly number[], seed: number): Batch {
  const draw = random(seed);
  const count = dims.reduce((a, b) => a * b, BATCH);
  return {
    x: {
      dtype: "float32",
      dims: [BATCH, ...dims],
      data: Float32Array.from({ length: count }, () => draw.next() * 2 - 1),
    },
    labels: {
      dtype: "int32",
      dims: [BATCH],
      data: Int32Array.from({ length: BATCH }, () => draw.whole(0, 9)),
    },
  };
}

const opened: Trainer[] = [];
/** That of the built package: workers are files of it. */
let compile: typeof import("../../src/train/trainer.ts").compile;
beforeAll(async () => {
  const entry = new URL("../../dist/train.js", import.meta.url).href;
  ({ compile } = await import(/* @vite-ignore */ entry));
});
afterAll(() => {
  for (const trainer of opened) trainer.release();
});

/** Weights, running statistics and moments after some updates, with the losses on the way. */
async function trained(network: Network, optimizer: Optimizer, simd: "plain" | "relaxed", threads: number) {
  const trainer = await compile(network, { loss: softmaxCrossEntropy(), optimizer, simd, threads, seed: 3 });
  opened.push(trainer);
  const losses = Array.from(
    { length: STEPS },
    (_, i) => trainer.trainStep(batchOf(trainer.inputDims, i), { stepsPerEpoch: STEPS, epochs: 1 }).loss,
  );
  return { losses, state: Buffer.from(trainer.checkpoint()) };
}

describe.each(["plain", "relaxed"] as const)("the same seed gives the same weights on %s kernels", (simd) => {
  test.each([
    ["LeNet-5", lenet5, sgd({ learningRate: 0.05, momentum: 0.9 })],
    ["LeNet-5 of 1998", lenet5Of1998, sgd({ learningRate: 0.001 })],
    ["a network with batch statistics", normalised, adam({ learningRate: 0.01 })],
  ] as const)("%s, on 1, 2 and 3 threads", async (_, network, optimizer) => {
    const one = await trained(network(), optimizer, simd, 1);
    const losses = new Set(one.losses);
    expect(losses.size).toBe(STEPS);
    for (const threads of [2, 3]) {
      const many = await trained(network(), optimizer, simd, threads);
      expect(many.losses).toEqual(one.losses);
      expect(many.state.equals(one.state)).toBe(true);
    }
  });
});
