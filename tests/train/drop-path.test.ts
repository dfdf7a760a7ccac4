import { describe, expect, test } from "vitest";
import {
  add,
  conv2d,
  dense,
  dropPath,
  flatten,
  initializers,
  type Network,
  network,
  sequential,
} from "../../src/nn/index.ts";
import type { TensorData } from "../../src/tensor.ts";
import { exportNetwork, networkFromModel, sgd, softmaxCrossEntropy } from "../../src/train/index.ts";
import { feedsOf, trainingGraph } from "../../src/train/training-graph.ts";
import { testLayers, testRefusals } from "../nn/layer-cases.ts";
import { random } from "../support/random.ts";
import { runner } from "./gradients/harness.ts";

const options = { loss: softmaxCrossEntropy(), optimizer: sgd({ learningRate: 0.1 }) };
const BATCH = 400;

testLayers([
  {
    what: "dropPath",
    layer: (x) =>
      add([x, dropPath({ rate: 0.3 })(conv2d({ filters: 2, kernelSize: 3, padding: 1, bias: false })(x))]),
    input: [2, 4, 4],
    output: [2, 4, 4],
    parameters: { "conv2d.weight": [2, 2, 3, 3] },
  },
]);

/** Features that a dense layer leaves as they are, dropped. */
const identity = (rate: number): Network =>
  sequential({ input: [3, 1, 1] }, [
    flatten(),
    dense({ units: 3, bias: false, weightInitializer: initializers.values([1, 0, 0, 0, 1, 0, 0, 0, 1]) }),
    dropPath({ name: "path", rate }),
  ]);

/** What comes out of an update's forward pass, row by row, and what went in. */
function rows(made: Network, seed: number): [found: number[], given: number[]][] {
  const x = random(7).tensor("float32", [BATCH, 3, 1, 1], 0.5, 2);
  const labels = { dtype: "int32", dims: [BATCH], data: new Int32Array(BATCH) } as const;
  const { states = [], ...graph } = trainingGraph(made, BATCH, options).graph;
  const feeds = new Map(feedsOf(made, x, labels, { rate: 0.1, step: 1, seed })) as Map<string, TensorData>;
  for (const { input } of states) feeds.set(input, made.graph.facts.get(input)?.data as TensorData);
  const [, output] = runner(graph, "all")(feeds);
  const row = (data: ArrayLike<number>, i: number) =>
    Array.from(data as Float32Array).slice(3 * i, 3 * i + 3);
  return Array.from({ length: BATCH }, (_, i) => [row(output?.data as Float32Array, i), row(x.data, i)]);
}

describe("paths in training", () => {
  const isDropped = ([found]: [number[], number[]]): boolean => found.every((value) => value === 0);

  test("whole samples are dropped, the others scaled, by the seed of the update", () => {
    const found = rows(identity(0.25), 1);
    for (const [after, before] of found)
      if (!isDropped([after, before]))
        expect(after).toEqual(before.map((value) => expect.closeTo(value / 0.75, 5)));
    const dropped = found.filter(isDropped).length;
    // Four standard deviations of 400 draws of 0.25 are 35.
    expect(Math.abs(dropped - 100)).toBeLessThan(35);
    const places = (seed: number) => rows(identity(0.25), seed).map(isDropped);
    expect(places(1)).toEqual(found.map(isDropped));
    expect(places(2)).not.toEqual(found.map(isDropped));
  });

  test("at rate 0, and in what is not trained, all stays", () => {
    expect(identity(0).graph.nodes.map(({ op }) => op)).toEqual(["Flatten", "Gemm"]);
    const made = network({ input: [3, 1, 1] }, (x) => {
      const still = dropPath({ rate: 0.5 })(flatten()(x));
      return add([still, dense({ units: 3, weightInitializer: initializers.zeros() })(still)]);
    });
    for (const [after, before] of rows(made, 1)) expect(after).toEqual(before);
  });

  test("a file keeps them", () => {
    const again = networkFromModel(exportNetwork(identity(0.25)));
    expect(rows(again, 1)).toEqual(rows(identity(0.25), 1));
  });
});

describe("what is wrong is said with the layer's name", () => {
  testRefusals([
    ["rate", dropPath({ rate: 1 }), [3], "dropPath: rate must be a finite number of at least 0 and below 1"],
    ["no rate", dropPath({} as never), [3], "dropPath: rate must be"],
  ]);
});
