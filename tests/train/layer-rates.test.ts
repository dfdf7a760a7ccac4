import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { dense, relu, sequential } from "../../src/nn/index.ts";
import type { Network } from "../../src/nn/network.ts";
import type { TensorData } from "../../src/tensor.ts";
import type { LayerRates } from "../../src/train/layer-rates.ts";
import { meanSquaredError } from "../../src/train/losses.ts";
import { adam, type Optimizer, sgd } from "../../src/train/optimizers.ts";
import { compile } from "../../src/train/trainer.ts";
import { random } from "../support/random.ts";

const network = sequential({ input: [5], seed: 3 }, [
  dense({ name: "stage1", units: 6 }),
  relu(),
  dense({ name: "stage2.a", units: 4 }),
  dense({ name: "head", units: 2 }),
]);

const batch = {
  x: random(1).tensor("float32", [8, 5], -1, 1),
  labels: random(2).tensor("float32", [8, 2], -1, 1),
};

/** How far every weight goes in one update. */
async function steps(optimizer: Optimizer, learningRates?: LayerRates): Promise<Map<string, Float64Array>> {
  const trainer = await compile(network, {
    optimizer,
    loss: meanSquaredError(),
    ...(learningRates && { learningRates }),
  });
  trainer.trainStep(batch, { stepsPerEpoch: 1, epochs: 1 });
  const after = trainer.network();
  trainer.release();
  const dataOf = ({ graph }: Network, name: string) => graph.facts.get(name)?.data as TensorData;
  return new Map(
    [...network.trainable].map((name) => [
      name,
      Float64Array.from(
        dataOf(after, name).data as Float32Array,
        (value, i) => value - Number(dataOf(network, name).data[i]),
      ),
    ]),
  );
}

describe("learning rates by layers", () => {
  const factors: Readonly<Record<string, number>> = { stage1: 0, "stage2.a": 0.1, head: 1 };
  const factorOf = (name: string): number => factors[name.replace(/\.\w+$/, "")] as number;

  test.each([
    ["patterns", { "head.*": 1, "stage2.*": 0.1, "*": 0 }],
    ["a function", factorOf],
  ] as const)("by %s: the step is the factor times the one without", async (_, rates) => {
    for (const optimizer of [sgd({ learningRate: 0.1, momentum: 0.9 }), adam({ learningRate: 0.01 })]) {
      const [plain, scaled] = [await steps(optimizer), await steps(optimizer, rates)];
      for (const [name, whole] of plain) {
        expect(Math.max(...whole.map(Math.abs)), name).toBeGreaterThan(1e-4);
        scaled.get(name)?.forEach((step, i) => {
          expect(step, `${name}[${i}]`).toBeCloseTo(factorOf(name) * (whole[i] as number), 6);
        });
      }
    }
  });

  test("the first pattern that suits counts, names that none suits train at the full rate", async () => {
    const optimizer = sgd({ learningRate: 0.1 });
    const plain = await steps(optimizer);
    const found = await steps(optimizer, { "stage*.bias": 0.5, "stage*": 0 });
    expect(found.get("head.weight")).toEqual(plain.get("head.weight"));
    expect(found.get("stage1.weight")?.every((step) => step === 0)).toBe(true);
    found.get("stage1.bias")?.forEach((step, i) => {
      expect(step).toBeCloseTo(0.5 * (plain.get("stage1.bias")?.[i] as number), 6);
    });
  });

  test("refuses patterns without a weight and factors that are none", async () => {
    const optimizer = sgd({ learningRate: 0.1 });
    const refused: readonly (readonly [LayerRates, RegExp])[] = [
      [{ "haed.*": 1 }, /"haed\.\*" is the name of no weight that trains/],
      [{ "head.*": -1 }, /learningRates of "head\.\*" must be a finite number of at least 0/],
      [() => Number.NaN, /the rate of stage1.weight/],
      [7 as never, /learningRates/],
    ];
    for (const [rates, message] of refused) {
      await expect(steps(optimizer, rates)).rejects.toThrow(message);
      await expect(steps(optimizer, rates)).rejects.toThrow(UsageError);
    }
  });
});
