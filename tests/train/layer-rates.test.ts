import { expect, test } from "vitest";
import { dense, relu, sequential } from "../../src/nn/index.ts";
import type { Network } from "../../src/nn/network.ts";
import type { TensorData } from "../../src/tensor.ts";
import { adam, compile, layerRates, meanSquaredError, type Optimizer, sgd } from "../../src/train/index.ts";
import { random } from "./gradients/harness.ts";

const network = sequential({ input: [3], seed: 4 }, [
  dense({ name: "old", units: 4 }),
  relu(),
  dense({ name: "new", units: 2 }),
]);

const weight = ({ graph }: Network, name: string): Float32Array =>
  graph.facts.get(name)?.data?.data as Float32Array;

/** By how much each number of a weight changes in the first update. */
async function change(optimizer: Optimizer, name: string): Promise<number[]> {
  const draw = random(5);
  const drawn = (dims: readonly [number, number]): TensorData => ({
    dtype: "float32",
    dims,
    data: Float32Array.from({ length: dims[0] * dims[1] }, () => draw() - 0.5),
  });
  const trainer = await compile(network, { optimizer, loss: meanSquaredError() });
  trainer.trainStep({ x: drawn([8, 3]), labels: drawn([8, 2]) }, { stepsPerEpoch: 1, epochs: 1 });
  const after = weight(trainer.network(), name);
  return Array.from(weight(network, name), (before, i) => (after[i] as number) - before);
}

const tenth = (name: string): number => (name.startsWith("old.") ? 0.1 : 1);

test("layerRates: a weight of a tenth of the rate goes a tenth as far, others as far as before", async () => {
  const plain = sgd({ learningRate: 0.5 });
  const [whole, slow] = [
    await change(plain, "old.weight"),
    await change(layerRates(plain, tenth), "old.weight"),
  ];
  expect(Math.max(...whole.map(Math.abs))).toBeGreaterThan(0.005);
  slow.forEach((step, i) => {
    expect(step).toBeCloseTo((whole[i] as number) / 10, 6);
  });
  expect(await change(layerRates(plain, tenth), "new.weight")).toEqual(await change(plain, "new.weight"));
});

test("layerRates: a share of 0 leaves a weight as it is", async () => {
  const still = layerRates(adam({ learningRate: 0.1 }), (name) => (name === "old.bias" ? 0 : 1));
  expect(await change(still, "old.bias")).toEqual([0, 0, 0, 0]);
  expect(Math.max(...(await change(still, "old.weight")).map(Math.abs))).toBeGreaterThan(0.05);
});

test("layerRates refuses shares below 0, and what is no optimiser", async () => {
  await expect(
    change(
      layerRates(sgd({ learningRate: 1 }), () => -1),
      "old.weight",
    ),
  ).rejects.toThrow("layerRates: the share of old.weight");
  expect(() => layerRates(undefined as never, () => 1)).toThrow("layerRates: the optimizer");
  expect(() => layerRates(sgd({ learningRate: 1 }), 0.1 as never)).toThrow("layerRates: shareOf");
});
