import { describe, expect, test } from "vitest";
import {
  add,
  dense,
  groupNorm,
  initializers,
  instanceNorm,
  learned,
  localResponseNorm,
  matmul,
  mean,
  prependToken,
  scale,
  transpose,
  upsample2d,
} from "../../src/nn/index.ts";
import { counting, testLayers, testRefusals, valuesOf } from "./layer-cases.ts";

const image = [6, 4, 5];
const tokens = [3, 4];
const uniform = initializers.heUniform();

testLayers([
  {
    what: "groupNorm",
    layer: groupNorm({ groups: 3, gainInitializer: uniform }),
    input: image,
    output: image,
    parameters: { "groupNorm.gain": [6], "groupNorm.bias": [6] },
  },
  {
    what: "instanceNorm",
    layer: instanceNorm({ epsilon: 1e-3, gainInitializer: uniform }),
    input: image,
    output: image,
    parameters: { "instanceNorm.gain": [6], "instanceNorm.bias": [6] },
  },
  {
    what: "localResponseNorm",
    layer: localResponseNorm({ size: 3, alpha: 0.4, beta: 0.6, bias: 2 }),
    input: image,
    output: image,
  },
  {
    what: "matmul",
    layer: (x) => matmul([transpose({ order: [2, 1] })(x), x]),
    input: tokens,
    output: [4, 4],
  },
  { what: "mean", layer: mean({ axes: [2, -1] }), input: image, output: [6] },
  {
    what: "mean that keeps its axes",
    layer: mean({ axes: [1], keepDims: true }),
    input: image,
    output: [1, 4, 5],
  },
  { what: "upsample2d", layer: upsample2d({ scale: [2, 3] }), input: image, output: [6, 8, 15] },
  {
    what: "upsample2d, linear",
    layer: upsample2d({ scale: 2, mode: "linear" }),
    input: image,
    output: [6, 8, 10],
  },
  {
    what: "learned",
    layer: (x) => add([x, learned({ name: "position", dims: tokens, initializer: uniform })(x)]),
    input: tokens,
    output: tokens,
    parameters: { "position.value": [1, 3, 4] },
  },
  {
    what: "prependToken",
    layer: prependToken({ initializer: uniform }),
    input: tokens,
    output: [4, 4],
    parameters: { "prependToken.token": [1, 1, 4] },
  },
  { what: "scale", layer: scale(), input: image, output: image, parameters: { "scale.gain": [6, 1, 1] } },
  {
    what: "scale of the last axis",
    layer: scale({ axis: -1, initializer: uniform }),
    input: tokens,
    output: tokens,
    parameters: { "scale.gain": [4] },
  },
  {
    what: "dense of tokens",
    layer: dense({ units: 5 }),
    input: tokens,
    output: [3, 5],
    parameters: { "dense.weight": [5, 4], "dense.bias": [5] },
  },
  {
    what: "dense of tokens without bias",
    layer: dense({ units: 2, bias: false }),
    input: [2, ...tokens],
    output: [2, 3, 2],
    parameters: { "dense.weight": [2, 4] },
  },
]);

describe("what the definitions say", () => {
  const rounded = (values: readonly number[], digits = 4) =>
    values.map((value) => expect.closeTo(value, digits));

  test("normalisations of numbers that are known", () => {
    const values = [1, 3, 5, 7];
    // Mean 2 and deviation 1, then mean 6 and deviation 1; all together mean 4 and deviation √5.
    const apart = [-1, 1, -1, 1];
    expect(valuesOf(instanceNorm({ epsilon: 0 }), [2, 1, 2], values)).toEqual(rounded(apart));
    expect(valuesOf(groupNorm({ groups: 2, epsilon: 0 }), [4, 1, 1], values)).toEqual(rounded(apart));
    const together = values.map((value) => (value - 4) / Math.sqrt(5));
    expect(valuesOf(groupNorm({ groups: 1, epsilon: 0 }), [2, 1, 2], values)).toEqual(rounded(together));
    const local = valuesOf(localResponseNorm({ size: 3, alpha: 3, beta: 0.5, bias: 1 }), [4, 1, 1], values);
    const sums = [1 + 9, 1 + 9 + 25, 9 + 25 + 49, 25 + 49];
    expect(local).toEqual(rounded(values.map((value, i) => value / Math.sqrt(1 + (sums[i] as number)))));
  });

  test("products, means, sizes, gains and tokens", () => {
    const gram = valuesOf((x) => matmul([x, transpose({ order: [2, 1] })(x)]), [2, 2], [1, 2, 3, 4]);
    expect(gram).toEqual([5, 11, 11, 25]);
    expect(valuesOf(mean({ axes: [1] }), [2, 3], counting(6))).toEqual([1.5, 2.5, 3.5]);
    expect(valuesOf(upsample2d({ scale: [1, 2] }), [1, 1, 2], [1, 5])).toEqual([1, 1, 5, 5]);
    const linear = upsample2d({ scale: [1, 2], mode: "linear" });
    expect(valuesOf(linear, [1, 1, 2], [1, 5])).toEqual([1, 2, 4, 5]);
    const gains = initializers.values([10, 100]);
    expect(valuesOf(scale({ initializer: gains }), [2, 1, 2], counting(4))).toEqual([0, 10, 200, 300]);
    const token = initializers.values([8, 9]);
    expect(valuesOf(prependToken({ initializer: token }), [2, 2], counting(4))).toEqual([8, 9, 0, 1, 2, 3]);
    const weightInitializer = initializers.values([1, 10]);
    expect(valuesOf(dense({ units: 1, weightInitializer }), [2, 2], [1, 2, 3, 4])).toEqual([21, 43]);
  });
});

describe("what is wrong is said with the layer's name", () => {
  testRefusals([
    ["groupNorm", groupNorm({ groups: 4 }), image, "groupNorm: 6 maps do not fall into 4 groups"],
    ["instanceNorm", instanceNorm(), [6], "instanceNorm: needs maps [N, channels, …], got [N,6]"],
    ["instanceNorm's epsilon", instanceNorm({ epsilon: -1 }), image, "instanceNorm: epsilon must be"],
    ["localResponseNorm", localResponseNorm({ size: 0 }), image, "localResponseNorm: size must be"],
    ["matmul", (x) => matmul([x]), tokens, "matmul: needs two values, got 1"],
    ["mean", mean({ axes: [0] }), image, "mean: axis 0 is none of [N,6,4,5] behind the batch"],
    [
      "mean, the same axis twice",
      mean({ axes: [3, -1] }),
      image,
      "mean: axes must be one or more, each once",
    ],
    ["upsample2d", upsample2d({ scale: 1.5 }), image, "upsample2d: scale must be one or two whole numbers"],
    ["learned", learned({ dims: [0], initializer: uniform }), tokens, "learned: dims must be"],
    ["prependToken", prependToken(), image, "prependToken: needs tokens [N, tokens, features]"],
    ["prependToken, open", prependToken(), ["T", 4], "prependToken: the size of axis 1 must be known"],
    ["scale", scale({ axis: 4 }), image, "scale: axis 4 is none of [N,6,4,5] behind the batch"],
    [
      "dense",
      dense({ units: 2 }),
      [3, "D"],
      "dense: needs [N, …, features] with known features, got [N,3,D]",
    ],
  ]);
});
