import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { batchNorm, dense, dropout, relu, sequential } from "../../src/nn/index.ts";
import type { Network } from "../../src/nn/network.ts";
import type { TensorData } from "../../src/tensor.ts";
import { softmaxCrossEntropy } from "../../src/train/losses.ts";
import { type Optimizer, sgd } from "../../src/train/optimizers.ts";
import { sam } from "../../src/train/sharpness.ts";
import { compile } from "../../src/train/trainer.ts";
import { random } from "../support/random.ts";

const progress = { stepsPerEpoch: 1, epochs: 1 };
const batch = {
  x: random(1).tensor("float32", [8, 5], -1, 1),
  labels: { dtype: "int32", dims: [8], data: Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1) } as TensorData,
};

const valuesOf = ({ graph, trainable }: Network): Map<string, Float64Array> =>
  new Map(
    [...trainable].map((name) => [
      name,
      Float64Array.from(graph.facts.get(name)?.data?.data as Float32Array),
    ]),
  );

const withValues = (network: Network, values: ReadonlyMap<string, Float64Array>): Network => {
  const facts = new Map(network.graph.facts);
  for (const [name, data] of values) {
    const fact = facts.get(name);
    const old = fact?.data as TensorData;
    facts.set(name, { ...fact, data: { ...old, data: Float32Array.from(data) } } as never);
  }
  return { ...network, graph: { ...network.graph, facts } };
};

async function updated(network: Network, optimizer: Optimizer): Promise<{ loss: number; after: Network }> {
  const trainer = await compile(network, { optimizer, loss: softmaxCrossEntropy(), seed: 5 });
  const { loss } = trainer.trainStep(batch, progress);
  const after = trainer.network();
  trainer.release();
  return { loss, after };
}

/** The gradients at the weights, as plain SGD with the rate 1 shows them. */
async function gradientsAt(network: Network): Promise<Map<string, Float64Array>> {
  const { after } = await updated(network, sgd({ learningRate: 1 }));
  const [from, to] = [valuesOf(network), valuesOf(after)];
  return new Map(
    [...from].map(([name, old]) => [name, old.map((value, i) => value - (to.get(name)?.[i] as number))]),
  );
}

const plus = (a: Map<string, Float64Array>, b: Map<string, Float64Array>, factor: number) =>
  new Map(
    [...a].map(([name, values]) => [
      name,
      values.map((value, i) => value + factor * (b.get(name)?.[i] as number)),
    ]),
  );

const networks = {
  "a small network": sequential({ input: [5], seed: 3 }, [
    dense({ name: "hidden", units: 6 }),
    relu(),
    dense({ name: "head", units: 3 }),
  ]),
  "one with batch statistics and masks": sequential({ input: [5], seed: 4 }, [
    dense({ name: "hidden", units: 6 }),
    batchNorm({ name: "norm" }),
    relu(),
    dropout({ rate: 0.3 }),
    dense({ name: "head", units: 3 }),
  ]),
};

describe("sharpness-aware minimisation", () => {
  test.each(Object.entries(networks))(
    "%s: w − r·∇L(w + ρ·g/‖g‖), worked out in three trainings",
    async (_, network) => {
      const [rate, rho] = [0.2, 0.5];
      const weights = valuesOf(network);
      const own = await gradientsAt(network);
      const norm = Math.sqrt(
        [...own.values()].flatMap((values) => [...values]).reduce((sum, g) => sum + g * g, 0),
      );
      const there = await gradientsAt(withValues(network, plus(weights, own, rho / norm)));
      const expected = plus(weights, there, -rate);
      const plain = plus(weights, own, -rate);
      const { loss, after } = await updated(network, sam({ rho, optimizer: sgd({ learningRate: rate }) }));
      let apart = 0;
      for (const [name, values] of valuesOf(after))
        values.forEach((value, i) => {
          expect(value, `${name}[${i}]`).toBeCloseTo(expected.get(name)?.[i] as number, 5);
          apart = Math.max(apart, Math.abs(value - (plain.get(name)?.[i] as number)));
        });
      // The second gradient is another one than the first.
      expect(apart).toBeGreaterThan(1e-3);
      const first = await updated(network, sgd({ learningRate: rate }));
      expect(loss).toBeCloseTo(first.loss, 6);
      // Running statistics follow the pass at the weights themselves.
      for (const [name, { data }] of first.after.graph.facts)
        if (data !== undefined && !network.trainable.has(name))
          expect(after.graph.facts.get(name)?.data?.data, name).toEqual(data.data);
    },
  );

  test("stops where the loss nearby is no number, the weights as before", async () => {
    const network = networks["a small network"];
    const trainer = await compile(network, {
      optimizer: sam({ rho: 1e38, optimizer: sgd({ learningRate: 0.1 }) }),
      loss: softmaxCrossEntropy(),
    });
    expect(() => trainer.trainStep(batch, progress)).toThrow(/the loss is NaN at update 1/);
    expect(valuesOf(trainer.network())).toEqual(valuesOf(network));
  });

  test("refuses what is no radius and no optimiser", () => {
    const optimizer = sgd({ learningRate: 0.1 });
    expect(() => sam({ optimizer, rho: 0 })).toThrow(/sam: rho must be a finite number above 0, got 0/);
    expect(() => sam({} as never)).toThrow(UsageError);
    expect(sam({ optimizer }).name).toBe("sam sgd");
  });
});
