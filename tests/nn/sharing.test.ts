import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import {
  add,
  batchNorm,
  chain,
  conv2d,
  dense,
  flatten,
  initializers,
  type Layer,
  mul,
  type Network,
  network,
  relu,
  shared,
  sigmoid,
} from "../../src/nn/index.ts";
import { tensorData } from "../../src/tensor.ts";
import {
  compile,
  exportNetwork,
  type Loss,
  networkFromModel,
  sgd,
  softmaxCrossEntropy,
} from "../../src/train/index.ts";
import { random } from "../support/random.ts";
import { testLayers } from "./layer-cases.ts";
import { expectAgreement } from "./run-network.ts";

const features = shared(dense({ name: "twin", units: 4, biasInitializer: initializers.heUniform() }));
const maps = shared(
  chain([conv2d({ filters: 3, kernelSize: 3, padding: 1, bias: false }), batchNorm(), relu()]),
);
const tokens = shared(dense({ units: 4 }));
const inner = shared(dense({ name: "inner", units: 4, bias: false }));
const outer = shared((x) => inner(dense({ name: "outer", units: 4, bias: false })(inner(x))));

testLayers([
  {
    what: "a dense layer applied one behind the other and side by side",
    layer: (x) => add([features(sigmoid()(features(x))), features(x)]),
    input: [4],
    output: [4],
    parameters: { "twin.weight": [4, 4], "twin.bias": [4] },
  },
  {
    what: "a chain of a convolution and a normalisation",
    layer: (x) => mul([maps(x), maps(maps(x))]),
    input: [3, 5, 5],
    output: [3, 5, 5],
    parameters: { "conv2d.weight": [3, 3, 3, 3], "batchNorm.gain": [3], "batchNorm.bias": [3] },
  },
  {
    what: "a dense layer over tokens, in places of other sizes",
    layer: (x) => add([tokens(x), tokens(dense({ units: 4, name: "before" })(x))]),
    input: [3, 4],
    output: [3, 4],
    parameters: { "dense.weight": [4, 4], "dense.bias": [4], "before.weight": [4, 4], "before.bias": [4] },
  },
  {
    what: "a shared layer in a shared one",
    layer: (x) => outer(outer(inner(x))),
    input: [4],
    output: [4],
    parameters: { "inner.weight": [4, 4], "outer.weight": [4, 4] },
  },
]);

describe("what is shared", () => {
  test("nodes are named apart, one initializer stands in the file, and comes back", async () => {
    const made = network({ input: [4] }, (x) => features(relu()(features(x))));
    expect(made.graph.nodes.map(({ name }) => name)).toEqual(["twin", "relu", "twin_1"]);
    const again = networkFromModel(exportNetwork(made));
    expect([...again.trainable]).toEqual(["twin.weight", "twin.bias"]);
    expect(again.graph.nodes.map(({ inputs }) => inputs.slice(1))).toEqual([
      ["twin.weight", "twin.bias"],
      [],
      ["twin.weight", "twin.bias"],
    ]);
    await expectAgreement(again, 3);
  });

  test("running statistics are each place's own", async () => {
    const twice: Network = network({ input: [2, 4, 4], seed: 1 }, (x) => {
      const block = shared(chain([batchNorm({ name: "norm" }), relu()]));
      return dense({ units: 2 })(flatten()(block(block(x))));
    });
    const trainer = await compile(twice, {
      loss: softmaxCrossEntropy(),
      optimizer: sgd({ learningRate: 0.1 }),
    });
    const labels = tensorData("int32", [6], Int32Array.of(0, 1, 0, 1, 0, 1));
    const x = random(2).tensor("float32", [6, 2, 4, 4], 1, 3);
    trainer.trainStep({ x, labels }, { stepsPerEpoch: 1, epochs: 1, epoch: 0 } as never);
    const means = ["norm.mean", "norm_1.mean"].map(
      (name) => trainer.network().graph.facts.get(name)?.data?.data,
    );
    trainer.release();
    // A tenth of the batch's means: about 2, and about 0.4 of what was normalised and rectified.
    expect(Array.from(means[0] as Float32Array)).toEqual([expect.closeTo(0.2, 1), expect.closeTo(0.2, 1)]);
    expect(means[1]).not.toEqual(means[0]);
    expect([...twice.trainable]).toEqual(["norm.gain", "norm.bias", "dense.weight", "dense.bias"]);
  });

  test("one weight in two layers moves by the mean of what two would, at half the rate", async () => {
    // y = w·(w·x), and y = v·(w·x) with weights that begin alike.
    const weightInitializer = initializers.values([1.5]);
    const one = (name: string): Layer => dense({ name, units: 1, bias: false, weightInitializer });
    const together = network({ input: [1] }, (x) => {
      const layer = shared(one("w"));
      return layer(layer(x));
    });
    const apart = network({ input: [1] }, (x) => one("v")(one("w")(x)));
    const half: Loss = {
      name: "half the square",
      labels: () => ({ dtype: "float32", dims: [2, 1] }),
      build: (b, y, t) => {
        const difference = b.node("Sub", [y, t]);
        const squares = b.node("Mul", [difference, difference]);
        const sum = b.node("ReduceSum", [squares], { keepdims: 0 });
        return b.node("Mul", [
          sum,
          b.constant(b.freshName("half"), tensorData("float32", [], Float32Array.of(0.5))),
        ]);
      },
    };
    const trained = async (made: Network, learningRate: number): Promise<Record<string, number>> => {
      const trainer = await compile(made, { loss: half, optimizer: sgd({ learningRate }) });
      const x = tensorData("float32", [2, 1], Float32Array.of(1, -2));
      const labels = tensorData("float32", [2, 1], Float32Array.of(3, 0.5));
      trainer.trainStep({ x, labels }, { stepsPerEpoch: 1, epochs: 1, epoch: 0 } as never);
      const { facts } = trainer.network().graph;
      trainer.release();
      return Object.fromEntries(
        [...made.trainable].map((name) => [name, Number(facts.get(name)?.data?.data[0])]),
      );
    };
    const eta = 0.02;
    const two = await trained(apart, eta);
    const shares = await trained(together, eta / 2);
    expect(shares["w.weight"]).toBeCloseTo(
      ((two["v.weight"] as number) + (two["w.weight"] as number)) / 2,
      6,
    );
    // By hand: dE/dv = Σ (y − t)·w·x = dE/dw, with y = 2.25, −4.5 and t = 3, 0.5.
    const slope = (2.25 - 3) * 1.5 - (-4.5 - 0.5) * 2 * 1.5;
    expect(two["v.weight"]).toBeCloseTo(1.5 - eta * slope, 5);
    expect(shares["w.weight"]).toBeCloseTo(1.5 - eta * slope, 5);
  });
});

describe("what is wrong is said with the layer's name", () => {
  const refused = (build: (x: Parameters<Layer>[0]) => Parameters<Layer>[0], message: string) => {
    const make = () => network({ input: [4] }, build);
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  };
  test("another shape", () => {
    const layer = shared(dense({ name: "d", units: 3 }));
    refused((x) => layer(layer(x)), 'dense "d_1": shares d.weight [3,4], which would have to be [3,3] here');
  });
  test("other parameters", () => {
    const growing = (bias: readonly boolean[]) => {
      let applied = 0;
      return shared((x) => dense({ units: 4, bias: bias[applied++ % 2] as boolean })(x));
    };
    const more = growing([false, true]);
    refused(
      (x) => more(more(x)),
      'dense "dense_1": the first application of the shared layer made no bias here',
    );
    const less = growing([true, false]);
    refused((x) => less(less(x)), "shared: dense.bias has no place in this application of the layer");
  });
  test("no layer, no value", () => {
    expect(() => shared(undefined as never)).toThrow("shared: the layer must be a function");
    expect(() => shared(relu())(undefined as never)).toThrow("shared needs an input");
  });
  test("two layers of one name that are not shared", () => {
    const named = dense({ name: "d", units: 4 });
    refused((x) => named(named(x)), 'dense "d": there is a d.weight already');
  });
});
