import { describe, expect, test } from "vitest";
import { prepare } from "../../src/compile.ts";
import {
  averagePool1d,
  batchNorm,
  chain,
  conv1d,
  conv2d,
  conv3d,
  globalAveragePool1d,
  initializers,
  locallyConnected2d,
  lpPoolFeatures,
  maxPool1d,
  sequential,
} from "../../src/nn/index.ts";
import { random } from "../support/random.ts";
import { counting, testLayers, testRefusals, valuesOf } from "./layer-cases.ts";

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
  {
    what: "conv1d",
    layer: conv1d({ filters: 4, kernelSize: 3, padding: "same", stride: 2 }),
    input: [2, 8],
    output: [4, 4],
    parameters: { "conv1d.weight": [4, 2, 3], "conv1d.bias": [4] },
  },
  {
    what: "conv1d in groups, dilated",
    layer: conv1d({ filters: 4, kernelSize: 2, groups: 2, dilation: 3, padding: [1, 0], bias: false }),
    input: [2, 7],
    output: [4, 5],
    parameters: { "conv1d.weight": [4, 1, 2] },
  },
  {
    what: "conv3d",
    layer: conv3d({ filters: 3, kernelSize: [1, 2, 3], stride: [1, 2, 1], padding: [0, 1, 1] }),
    input: [2, 3, 4, 5],
    output: [3, 3, 3, 5],
    parameters: { "conv3d.weight": [3, 2, 1, 2, 3], "conv3d.bias": [3] },
  },
  { what: "maxPool1d", layer: maxPool1d({ kernelSize: 2 }), input: [3, 7], output: [3, 3] },
  {
    what: "maxPool1d, ceil",
    layer: maxPool1d({ kernelSize: 2, ceilMode: true }),
    input: [3, 7],
    output: [3, 4],
  },
  {
    what: "averagePool1d",
    layer: averagePool1d({ kernelSize: 3, stride: 1, padding: 1, countPadding: true }),
    input: [3, 7],
    output: [3, 7],
  },
  { what: "globalAveragePool1d", layer: globalAveragePool1d(), input: [3, 7], output: [3, 1] },
  {
    what: "locallyConnected2d",
    layer: locallyConnected2d({ filters: 3, kernelSize: [2, 3], stride: [2, 1], padding: 1 }),
    input: [2, 4, 5],
    output: [3, 3, 5],
    parameters: { "locallyConnected2d.weight": [15, 12, 3], "locallyConnected2d.bias": [3, 3, 5] },
  },
  {
    what: "locallyConnected2d without bias",
    layer: locallyConnected2d({ filters: 2, kernelSize: 2, bias: false }),
    input: [1, 3, 4],
    output: [2, 2, 3],
    parameters: { "locallyConnected2d.weight": [6, 4, 2] },
  },
  { what: "lpPoolFeatures", layer: lpPoolFeatures({ size: 2 }), input: [6, 3, 4], output: [3, 3, 4] },
  {
    what: "lpPoolFeatures, overlapping",
    layer: lpPoolFeatures({ size: 3, stride: 1, p: 3 }),
    input: [6],
    output: [4],
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

  test("a signal and a volume by hand", () => {
    const weightInitializer = initializers.values([1, 10, 100]);
    const echo = conv1d({ filters: 1, kernelSize: 3, padding: [2, 0], weightInitializer });
    expect(valuesOf(echo, [1, 4], [1, 2, 3, 4])).toEqual([100, 210, 321, 432]);
    const cube = conv3d({ filters: 1, kernelSize: 2, weightInitializer: initializers.constant(1) });
    expect(valuesOf(cube, [1, 2, 2, 3], counting(12))).toEqual([40, 48]);
    expect(valuesOf(averagePool1d({ kernelSize: 2 }), [1, 4], [1, 3, 5, 9])).toEqual([2, 7]);
    expect(valuesOf(lpPoolFeatures({ size: 2 }), [4, 1, 1], [3, -4, 5, 12])).toEqual([5, 13]);
  });

  test("every place of a locally connected layer has filters of its own", () => {
    const [channels, height, width, filters, kernel] = [2, 4, 5, 3, 3];
    const [down, across] = [height - kernel + 1, width - kernel + 1];
    const taps = channels * kernel * kernel;
    const weights = random(5).tensor("float32", [down * across * taps * filters]).data as Float32Array;
    const x = random(6).tensor("float32", [channels * height * width]).data as Float32Array;
    const biasInitializer = initializers.values(counting(filters * down * across));
    const layer = locallyConnected2d({
      filters,
      kernelSize: kernel,
      weightInitializer: initializers.values(weights),
      biasInitializer,
    });
    const expected: number[] = [];
    for (let f = 0; f < filters; f++)
      for (let place = 0; place < down * across; place++) {
        const [row, column] = [Math.floor(place / across), place % across];
        let sum = f * down * across + place;
        for (let tap = 0; tap < taps; tap++) {
          const [c, i, j] = [Math.floor(tap / 9), Math.floor(tap / 3) % 3, tap % 3];
          const pixel = x[(c * height + row + i) * width + column + j] as number;
          sum += pixel * (weights[(place * taps + tap) * filters + f] as number);
        }
        expected.push(sum);
      }
    const found = valuesOf(layer, [channels, height, width], Array.from(x));
    expect(found).toEqual(expected.map((value) => expect.closeTo(value, 4)));
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
    [
      "an image for a signal",
      conv1d({ filters: 1, kernelSize: 3 }),
      [1, 5, 5],
      "conv1d: needs a signal [N, channels",
    ],
    [
      "an image for a volume",
      conv3d({ filters: 1, kernelSize: 3 }),
      [1, 5, 5],
      "conv3d: needs a volume [N, channels",
    ],
    [
      "a kernel of two",
      conv1d({ filters: 1, kernelSize: [3, 3] as never }),
      [1, 5],
      "conv1d: kernelSize must be one whole number from 1",
    ],
    [
      "padding",
      conv3d({ filters: 1, kernelSize: 1, padding: [1, 2] as never }),
      [1, 2, 2, 2],
      "conv3d: padding must be one or three whole numbers from 0",
    ],
    [
      "groups",
      conv1d({ filters: 4, kernelSize: 1, groups: 3 }),
      [3, 5],
      "conv1d: 3 maps and 4 filters do not fall into 3 groups",
    ],
    [
      "countPadding",
      averagePool1d({ kernelSize: 2, countPadding: 1 as never }),
      [1, 5],
      "averagePool1d: countPadding must be true or false",
    ],
    ["globalAveragePool1d", globalAveragePool1d(), [4], "globalAveragePool1d: needs a signal"],
    [
      "local windows",
      locallyConnected2d({ filters: 1, kernelSize: 6 }),
      [1, 5, 7],
      "locallyConnected2d: a window of [6,6] does not fit in [5,7]",
    ],
    [
      "local windows of what is open",
      locallyConnected2d({ filters: 1, kernelSize: 1 }),
      [1, 5, "W"],
      "locallyConnected2d: the size of axis 3 must be known",
    ],
    [
      "pools of features",
      lpPoolFeatures({ size: 7 }),
      [6, 3],
      "lpPoolFeatures: a pool of 7 does not fit in the 6 of [N,6,3]",
    ],
    ["p", lpPoolFeatures({ size: 2, p: 0.5 }), [6], "lpPoolFeatures: p must be a whole number"],
  ]);
});
