import { describe, expect, it } from "vitest";
import type { AttributeValue } from "../../src/graph/graph.ts";
import type { TensorData } from "../../src/tensor.ts";
import { evaluateOp, floats, numbersOf, randomFloats, runLowered } from "./run-op.ts";

const close = (actual: TensorData | undefined, expected: readonly number[]) => {
  const values = numbersOf(actual);
  expect(values.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(values[i], `element ${i}`).toBeCloseTo(value, 4);
  });
};

const positive = (dims: readonly number[], seed: number): TensorData =>
  floats(
    dims,
    numbersOf(randomFloats(dims, seed)).map((v) => Math.abs(v) + 0.5),
  );

describe("BatchNormalization", () => {
  const x = floats([2, 2, 1], [1, 2, 3, 6]);
  const parameters = [floats([2], [1, 2]), floats([2], [0, 1]), floats([2], [1, 2]), floats([2], [4, 4])];

  it("before opset 14 trains when asked for more than y", () => {
    const attributes = { epsilon: 0, momentum: 0.5 };
    close(evaluateOp("BatchNormalization", [x, ...parameters], { attributes, opset: 9 })[0], [0, 1, 1, 5]);
    const outputs = ["y", "mean", "var", "savedMean", "savedVar"];
    const trained = evaluateOp("BatchNormalization", [x, ...parameters], { attributes, opset: 9, outputs });
    close(trained[0], [-1, -1, 1, 3]);
    close(trained[1], [1.5, 3]);
    close(trained[2], [2.5, 4]);
    close(trained[3], [2, 4]);
  });

  it("since opset 14 trains by attribute", () => {
    const attributes = { epsilon: 0, momentum: 0.5, trainingMode: 1 };
    const outputs = ["y", "mean", "var"];
    const [y, mean, variance] = evaluateOp("BatchNormalization", [x, ...parameters], { attributes, outputs });
    close(y, [-1, -1, 1, 3]);
    close(mean, [1.5, 3]);
    close(variance, [2.5, 4]);
  });

  it("before opset 9 may normalise every activation of its own (spatial 0)", () => {
    const image = floats([1, 1, 2], [3, 5]);
    const each = [1, 0, 1, 4].map((v) => floats([1, 2], [v, v * 2]));
    const attributes = { epsilon: 0, spatial: 0 };
    close(evaluateOp("BatchNormalization", [image, ...each], { attributes, opset: 7 })[0], [
      1,
      6 / Math.sqrt(8),
    ]);
  });

  it.each([[[2, 5]], [[2, 5, 3]], [[2, 5, 3, 4]], [[1, 5, 2, 3, 2]]])("lowers [%s]", (dims) => {
    const inputs = [
      randomFloats(dims, 1),
      randomFloats([5], 2),
      randomFloats([5], 3),
      randomFloats([5], 4),
      positive([5], 5),
    ];
    const run = runLowered("BatchNormalization", inputs, [1, 2, 3, 4], {
      activation: { kind: "relu", alpha: 0, beta: 0 },
    });
    expect(run.kernels.join()).toMatch(/^f32_scale_shift(_rows)?$/);
    expect(Math.min(...numbersOf(run.expected[0]))).toBe(0);
    close(run.actual[0], numbersOf(run.expected[0]));
  });
});

describe("lowered normalisations", () => {
  const [c2, c6] = [randomFloats([2], 8), randomFloats([6], 9)];
  const x = randomFloats([2, 6, 4, 3], 7);
  it.each([
    ["InstanceNormalization", [x, c6, c6], {}, 22],
    ["GroupNormalization", [x, c6, c6], { numGroups: 3 }, 21],
    ["GroupNormalization", [x, c2, c2], { numGroups: 2 }, 18],
    ["LayerNormalization", [x, randomFloats([3], 1), randomFloats([3], 2)], {}, 17],
    ["LayerNormalization", [x, randomFloats([4, 3], 1)], { axis: -2 }, 17],
    ["LRN", [x], { size: 4, alpha: 0.5, beta: 0.6, bias: 1.5 }, 13],
  ] as [string, TensorData[], Record<string, AttributeValue>, number][])(
    "%s (%#)",
    (type, inputs, attributes, opset) => {
      const run = runLowered(type, inputs, [], { attributes, opset });
      expect(run.kernels).not.toContain("host");
      close(run.actual[0], numbersOf(run.expected[0]));
    },
  );
});

describe("other normalisations", () => {
  it("LpNormalization leaves a run of zeros alone", () => {
    const y = evaluateOp("LpNormalization", [floats([2, 2], [3, 0, 4, 0])], { attributes: { axis: 0 } })[0];
    close(y, [0.6, 0, 0.8, 0]);
  });

  it.each([2 ** 24, 2 ** 24 + 1, 2 ** 31 - 1, 2 ** 31, 2 ** 53])(
    "LRN of size %d sums over all channels",
    (size) => {
      const x = randomFloats([1, 6, 3, 2], 4);
      const setting = { attributes: { size, alpha: size, beta: 0.6, bias: 1.5 } };
      const { actual, expected, kernels } = runLowered("LRN", [x], [], setting);
      expect(kernels).toContain(size < 2 ** 31 ? "f32_lrn" : "host");
      close(actual[0], numbersOf(expected[0]));
      close(
        actual[0],
        numbersOf(evaluateOp("LRN", [x], { attributes: { ...setting.attributes, size: 13, alpha: 13 } })[0]),
      );
    },
  );

  it("LRN of an even size reaches further behind", () => {
    const x = floats([1, 3, 1], [1, 2, 3]);
    const y = evaluateOp("LRN", [x], { attributes: { size: 2, alpha: 2, beta: 1, bias: 0 } })[0];
    close(y, [1 / 5, 2 / 13, 3 / 9]);
  });

  it("LayerNormalization broadcasts its scale and gives mean and inverse deviation", () => {
    const x = floats([2, 2], [1, 3, 2, 6]);
    const [y, mean, inverse] = evaluateOp("LayerNormalization", [x, floats([1], [2])], {
      attributes: { epsilon: 0 },
      outputs: ["y", "mean", "inverse"],
    });
    close(y, [-2, 2, -2, 2]);
    expect(mean).toMatchObject({ dims: [2, 1], data: Float32Array.of(2, 4) });
    expect(inverse).toMatchObject({ dims: [2, 1], data: Float32Array.of(1, 0.5) });
  });

  it("MeanVarianceNormalization takes negative axes", () => {
    const x = floats([1, 1, 1, 2], [1, 3]);
    close(evaluateOp("MeanVarianceNormalization", [x], { attributes: { axes: [-1] } })[0], [-1, 1]);
  });

  it("say which dims they need", () => {
    const x = randomFloats([1, 3, 2], 1);
    expect(() =>
      evaluateOp("InstanceNormalization", [x, randomFloats([2], 1), randomFloats([3], 1)]),
    ).toThrow(/scale needs \[3\], got \[2\]/);
    expect(() => evaluateOp("LayerNormalization", [x, randomFloats([3], 1)])).toThrow(/does not broadcast/);
    expect(() =>
      evaluateOp("GroupNormalization", [x, randomFloats([3], 1), randomFloats([3], 1)], {
        attributes: { numGroups: 2 },
      }),
    ).toThrow(/3 channels do not split into 2 groups/);
  });
});
