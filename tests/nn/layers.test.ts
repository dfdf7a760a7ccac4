import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import type { Dim } from "../../src/graph/graph.ts";
import {
  add,
  averagePool2d,
  batchNorm,
  chain,
  clip,
  concat,
  conv2d,
  convTranspose2d,
  dense,
  dropout,
  flatten,
  gelu,
  globalAveragePool2d,
  globalMaxPool2d,
  hardSwish,
  initializers,
  type Layer,
  layerNorm,
  leakyRelu,
  lpPool2d,
  maxPool2d,
  maxPool2dWithSwitches,
  maxUnpool2d,
  mul,
  network,
  rbf,
  relu,
  scaledSumPool2d,
  scaledTanh,
  separableConv2d,
  sequential,
  sigmoid,
  silu,
  softmax,
  subsample2d,
  tanh,
  zeroPad,
} from "../../src/nn/index.ts";
import { tensorData } from "../../src/tensor.ts";
import { random } from "../support/random.ts";
import { expectAgreement, parameterCount, run } from "./run-network.ts";

const image = [4, 9, 11];

/** By layer: what it makes of [N, 4, 9, 11], and its trainable parameters. */
const cases: [what: string, layer: Layer, output: readonly number[], parameters: number][] = [
  ["conv2d", conv2d({ filters: 6, kernelSize: [3, 2] }), [6, 7, 10], 6 * 4 * 6 + 6],
  ["conv2d without bias", conv2d({ filters: 6, kernelSize: 3, bias: false }), [6, 7, 9], 6 * 4 * 9],
  ["conv2d, same", conv2d({ filters: 2, kernelSize: 4, padding: "same" }), [2, 9, 11], 2 * 4 * 16 + 2],
  ["conv2d, same, strided", conv2d({ filters: 2, kernelSize: 3, stride: 2, padding: "same" }), [2, 5, 6], 74],
  [
    "conv2d, valid, dilated",
    conv2d({ filters: 2, kernelSize: 3, dilation: [1, 3], padding: "valid" }),
    [2, 7, 5],
    74,
  ],
  ["conv2d, four paddings", conv2d({ filters: 2, kernelSize: 3, padding: [0, 1, 2, 3] }), [2, 9, 13], 74],
  ["conv2d in groups", conv2d({ filters: 6, kernelSize: 3, groups: 2 }), [6, 7, 9], 6 * 2 * 9 + 6],
  ["conv2d, depthwise", conv2d({ filters: 8, kernelSize: 3, groups: "depthwise" }), [8, 7, 9], 80],
  [
    "conv2d by connections",
    conv2d({ filters: 3, kernelSize: 3, connections: [[3, 0], [1], [0, 1, 2, 3]] }),
    [3, 7, 9],
    7 * 9 + 3,
  ],
  [
    "separableConv2d",
    separableConv2d({ filters: 5, kernelSize: 3, padding: 1 }),
    [5, 9, 11],
    4 * 9 + 5 * 4 + 5,
  ],
  [
    "convTranspose2d",
    convTranspose2d({ filters: 6, kernelSize: 3, stride: 2, padding: 1, outputPadding: [1, 0], groups: 2 }),
    [6, 18, 21],
    4 * 3 * 9 + 6,
  ],
  ["maxPool2d", maxPool2d({ kernelSize: 2 }), [4, 4, 5], 0],
  ["maxPool2d, overlapping", maxPool2d({ kernelSize: 3, stride: 2, padding: 1 }), [4, 5, 6], 0],
  ["averagePool2d", averagePool2d({ kernelSize: 3, stride: 1, padding: 1 }), [4, 9, 11], 0],
  [
    "averagePool2d, padding counted",
    averagePool2d({ kernelSize: 3, padding: 1, countPadding: true }),
    [4, 3, 4],
    0,
  ],
  ["lpPool2d", lpPool2d({ kernelSize: 2 }), [4, 4, 5], 0],
  [
    "scaledSumPool2d",
    scaledSumPool2d({ kernelSize: 2, gainInitializer: initializers.lecunUniform() }),
    [4, 4, 5],
    8,
  ],
  ["globalAveragePool2d", globalAveragePool2d(), [4, 1, 1], 0],
  ["globalMaxPool2d", globalMaxPool2d(), [4, 1, 1], 0],
  ["batchNorm", batchNorm({ gainInitializer: initializers.heUniform() }), [4, 9, 11], 8],
  ["layerNorm", layerNorm(), [4, 9, 11], 22],
  ["layerNorm over the image", layerNorm({ axis: 1 }), [4, 9, 11], 2 * 4 * 9 * 11],
  ["dropout", dropout({ rate: 0.25 }), [4, 9, 11], 0],
  ["flatten", flatten(), [396], 0],
  ["dense", chain([flatten(), dense({ units: 3 })]), [3], 3 * 397],
  ["dense without bias", chain([flatten(), dense({ units: 3, bias: false })]), [3], 3 * 396],
  ["relu", relu(), image, 0],
  ["leakyRelu", leakyRelu({ alpha: 0.2 }), image, 0],
  ["sigmoid", sigmoid(), image, 0],
  ["tanh", tanh(), image, 0],
  ["scaledTanh", scaledTanh(), image, 0],
  ["softmax", softmax(), image, 0],
  ["hardSwish", hardSwish(), image, 0],
  ["silu", silu(), image, 0],
  ["gelu", gelu(), image, 0],
  ["gelu by tanh", gelu({ approximate: "tanh" }), image, 0],
  ["clip", clip({ low: -0.5, high: 0.25 }), image, 0],
  ["zeroPad", zeroPad({ channels: [0, 2], height: 1, width: [3, 0] }), [6, 11, 14], 0],
  ["subsample2d", subsample2d({ stride: 2 }), [4, 5, 6], 0],
  ["add", (x) => add([x, relu()(x), tanh()(x)]), image, 0],
  ["mul", (x) => mul([x, globalAveragePool2d()(x)]), image, 0],
  ["concat", (x) => concat([x, relu()(x), x]), [12, 9, 11], 0],
];

test.each(cases)(
  "%s: dims, parameters, and the same as onnxruntime",
  async (_, layer, output, parameters) => {
    let dims: readonly Dim[] = [];
    const made = network({ input: image, seed: 2 }, (x) => {
      const y = layer(x);
      dims = y.dims;
      return y;
    });
    expect(dims).toEqual(["N", ...output]);
    expect(parameterCount(made)).toBe(parameters);
    const [y] = await expectAgreement(made, 2);
    expect(y?.dims).toEqual([2, ...output]);
  },
);

describe("what the definitions say", () => {
  const x = random(9).tensor("float32", [2, 4, 6, 6]);
  const at = (data: ArrayLike<number>, i: number): number => data[i] as number;
  const valuesOf = (layer: Layer): Float32Array => {
    const { graph } = sequential({ input: [4, 6, 6] }, [layer]);
    return [...run(graph, x).values()][0]?.data as Float32Array;
  };

  test("scaledSumPool2d is gain · sum + bias, the mean at first", () => {
    const gains = [1, -2, 0.5, 3];
    const biases = [0.1, 0.2, 0.3, 0.4];
    const mean = valuesOf(averagePool2d({ kernelSize: 2 }));
    valuesOf(scaledSumPool2d({ kernelSize: 2 })).forEach((value, i) => {
      expect(value).toBeCloseTo(at(mean, i), 5);
    });
    const scaled = scaledSumPool2d({
      kernelSize: 2,
      gainInitializer: initializers.values(gains),
      biasInitializer: initializers.values(biases),
    });
    valuesOf(scaled).forEach((value, i) => {
      const map = Math.floor(i / 9) % 4;
      expect(value).toBeCloseTo(at(gains, map) * 4 * at(mean, i) + at(biases, map), 4);
    });
  });

  test("scaledTanh maps ±1 to ±1", () => {
    const { graph } = sequential({ input: [3] }, [scaledTanh()]);
    const y = run(graph, tensorData("float32", [1, 3], Float32Array.of(-1, 0, 1))).get("scaledTanh");
    expect(Array.from(y?.data as Float32Array, (value) => value + 0)).toEqual([
      expect.closeTo(-1, 4),
      0,
      expect.closeTo(1, 4),
    ]);
  });

  test("rbf is the squared distance, negated", () => {
    const centers = [
      [1, -1, 1],
      [0, 0, 0],
    ];
    const { graph, trainable } = sequential({ input: [3] }, [rbf({ centers })]);
    const y = run(graph, tensorData("float32", [2, 3], Float32Array.of(1, -1, 1, 0, 2, 0)));
    expect(Array.from(y.get("rbf")?.data as Float32Array)).toEqual([-0, -3, -11, -4]);
    expect(trainable.size).toBe(0);
  });

  test("connections lay the kernels out by filter and leave zeros where none is", () => {
    const connections = [[2, 0], [1]];
    const kernels = [10, 20, 30];
    const weightInitializer: initializers.Initializer = ({ dims, fanIn }) => {
      expect(fanIn).toBe(dims[0]);
      return Float32Array.from({ length: dims[0] as number }, () => kernels.shift() as number);
    };
    const conv = conv2d({
      name: "c",
      filters: 2,
      kernelSize: 1,
      bias: false,
      connections,
      weightInitializer,
    });
    const { graph } = sequential({ input: [3, 1, 1] }, [conv]);
    const y = run(graph, tensorData("float32", [1, 3, 1, 1], Float32Array.of(1, 100, 10000)));
    expect(Array.from(y.get("c")?.data as Float32Array)).toEqual([20 * 1 + 10 * 10000, 30 * 100]);
  });

  test("maxUnpool2d puts back what the pool took", async () => {
    const made = network({ input: [2, 4, 6] }, (input) => {
      const { output, switches } = maxPool2dWithSwitches({ kernelSize: 2 })(input);
      return maxUnpool2d({ kernelSize: 2 })(relu()(output), switches);
    });
    const [y] = await expectAgreement(made, 2);
    expect(y?.dims).toEqual([2, 2, 4, 6]);
  });
});

describe("what is wrong is said with the layer's name", () => {
  const wrong: [what: string, layer: Layer, message: string][] = [
    ["dropout", dropout({ rate: 1 }), "dropout: rate must be a finite number of at least 0 and below 1"],
    [
      "batchNorm",
      batchNorm({ momentum: 2 }),
      "batchNorm: momentum must be a finite number of at least 0 and at most 1",
    ],
    ["layerNorm", layerNorm({ axis: 4 }), "layerNorm: axis 4 is none of"],
    ["convTranspose2d", convTranspose2d({ filters: 2, kernelSize: 2, padding: "same" }), "no meaning here"],
    ["add", (x) => add([x]), "add: needs two values"],
    ["concat", (x) => concat([], { axis: x.dims.length }), "concat needs an input"],
    ["clip", clip({ low: 1, high: 0 }), "clip: low must not exceed high"],
    ["zeroPad", zeroPad({ height: -1 }), "zeroPad: height must be one or two whole numbers from 0"],
    ["subsample2d", subsample2d({ stride: 0 }), "subsample2d: stride must be"],
    ["rbf", chain([flatten(), rbf({ centers: [[1, 2]] })]), "rbf: a center has 2 numbers for 396 features"],
    ["the initialiser", batchNorm({ gainInitializer: () => new Float32Array(3) }), "gave 3 values, not 4"],
    [
      "maxUnpool2d",
      (x) => {
        const { switches } = maxPool2dWithSwitches({ kernelSize: 2 })(x);
        return maxUnpool2d({ kernelSize: 2 })(x, switches);
      },
      "maxUnpool2d: switches of [N,4,4,5] do not fit [N,4,9,11]",
    ],
  ];
  test.each(wrong)("%s", (_, layer, message) => {
    expect(() => sequential({ input: image }, [layer])).toThrow(UsageError);
    expect(() => sequential({ input: image }, [layer])).toThrow(message);
  });
});
