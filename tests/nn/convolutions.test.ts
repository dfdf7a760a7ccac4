import { describe, expect, test } from "vitest";
import { prepare } from "../../src/compile.ts";
import { batchNorm, chain, conv2d, initializers, sequential } from "../../src/nn/index.ts";
import { testLayers, testRefusals, valuesOf } from "./layer-cases.ts";

const uniform = initializers.heUniform();

testLayers([
  {
    what: "conv2d of standardised weights",
    layer: conv2d({ filters: 6, kernelSize: 3, groups: 2, weightStandardization: true }),
    input: [4, 5, 6],
    output: [6, 3, 4],
    parameters: { "conv2d.weight": [6, 2, 3, 3], "conv2d.bias": [6] },
  },
  {
    what: "conv2d of standardised weights, and a normalisation",
    layer: chain([
      conv2d({ filters: 2, kernelSize: 3, bias: false, weightStandardization: { epsilon: 0.01 } }),
      batchNorm({ gainInitializer: uniform }),
    ]),
    input: [3, 5, 5],
    output: [2, 3, 3],
    parameters: { "conv2d.weight": [2, 3, 3, 3], "batchNorm.gain": [2], "batchNorm.bias": [2] },
  },
]);

describe("what the definitions say", () => {
  test("each filter has mean 0 and variance 1", () => {
    // Of the weights 1, 3 mean and deviation are 2 and 1; of -4, 4 they are 0 and 4.
    const conv = conv2d({
      filters: 2,
      kernelSize: [1, 2],
      bias: false,
      weightInitializer: initializers.values([1, 3, -4, 4]),
      weightStandardization: true,
    });
    expect(valuesOf(conv, [1, 1, 2], [5, 7])).toEqual([2, 2].map((value) => expect.closeTo(value, 5)));
  });

  test("standardised weights are constants when a network runs", () => {
    const { graph } = sequential({ input: [3, 8, 8] }, [
      conv2d({ filters: 4, kernelSize: 3, weightStandardization: true }),
    ]);
    expect(graph.nodes.length).toBeGreaterThan(5);
    expect(prepare(graph, { level: "all" }).nodes.map(({ op }) => op)).toEqual(["Conv"]);
  });
});

describe("what is wrong is said with the layer's name", () => {
  const conv = { filters: 2, kernelSize: 3 };
  testRefusals([
    [
      "weightStandardization",
      conv2d({ ...conv, weightStandardization: "yes" as never }),
      [1, 5, 5],
      "conv2d: weightStandardization must be true, false or { epsilon }",
    ],
    [
      "its epsilon",
      conv2d({ ...conv, weightStandardization: { epsilon: -1 } }),
      [1, 5, 5],
      "conv2d: weightStandardization's epsilon must be",
    ],
    [
      "connections",
      conv2d({ ...conv, connections: [[0], [0]], weightStandardization: true }),
      [1, 5, 5],
      "conv2d: connections and weightStandardization exclude each other",
    ],
  ]);
});
