import { describe, expect, it } from "vitest";
import type { AttributeValue } from "../../src/graph/graph.ts";
import { evaluateOp, floats, type LoweredRun, numbersOf, randomFloats, runLowered } from "./run-op.ts";

function expectClose({ actual, expected }: LoweredRun, tolerance = 1e-5): void {
  expect(actual[0]?.dims).toEqual(expected[0]?.dims);
  const [a, e] = [numbersOf(actual[0]), numbersOf(expected[0])];
  e.forEach((value, i) => {
    expect(Math.abs((a[i] as number) - value), `element ${i}`).toBeLessThan(
      tolerance * (1 + Math.abs(value)),
    );
  });
}

const ramp = (dims: number[]) =>
  floats(
    dims,
    Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i + 1),
  );

describe("Conv", () => {
  it("puts the odd pad of SAME_UPPER behind and of SAME_LOWER before", () => {
    const [x, w] = [floats([1, 1, 4], [1, 2, 3, 4]), floats([1, 1, 2], [1, 10])];
    const padded = (autoPad: string) => numbersOf(evaluateOp("Conv", [x, w], { attributes: { autoPad } })[0]);
    expect(padded("SAME_UPPER")).toEqual([21, 32, 43, 4]);
    expect(padded("SAME_LOWER")).toEqual([10, 21, 32, 43]);
    expect(padded("VALID")).toEqual([21, 32, 43]);
  });

  it("runs over four spatial axes by its definition", () => {
    const [y] = evaluateOp("Conv", [ramp([1, 1, 2, 2, 2, 2]), floats([1, 1, 2, 1, 1, 2], [1, 1, 1, 1])]);
    expect(y?.dims).toEqual([1, 1, 1, 2, 2, 1]);
    expect(numbersOf(y)).toEqual([22, 30, 38, 46]);
  });

  it("names the channels that do not fit", () => {
    expect(() => evaluateOp("Conv", [ramp([1, 3, 2, 2]), ramp([1, 2, 1, 1])])).toThrow(
      /weight expects 2 input channels, got 3/,
    );
    expect(() =>
      evaluateOp("Conv", [ramp([1, 2, 2, 2]), ramp([3, 1, 1, 1])], { attributes: { group: 2 } }),
    ).toThrow(/3 output channels do not split into 2 groups/);
    expect(() => evaluateOp("Conv", [ramp([1, 1, 2, 2]), ramp([1, 1, 3, 3])])).toThrow(/does not fit/);
    expect(() =>
      evaluateOp("Conv", [ramp([1, 1, 4, 4]), ramp([1, 1, 3, 3])], { attributes: { kernelShape: [2, 2] } }),
    ).toThrow(/kernel_shape/);
  });

  it.each([
    ["pointwise", [2, 5, 4, 3], [7, 5, 1, 1], {}, "f32_gemm"],
    ["pointwise of one axis", [2, 5, 9], [16, 5, 1], {}, "f32_gemm"],
    ["strided 1×1", [1, 5, 5, 5], [8, 5, 1, 1], { strides: [2, 2] }, "f32_conv"],
    ["padded 1×1", [1, 5, 5, 5], [8, 5, 1, 1], { pads: [1, 1, 1, 1] }, "f32_conv"],
    ["depthwise", [2, 9, 6, 5], [9, 1, 3, 3], { group: 9, pads: [1, 1, 1, 1] }, "f32_dwconv"],
    ["depthwise of one axis", [1, 5, 12], [5, 1, 5], { group: 5, dilations: [2] }, "f32_dwconv"],
    ["depthwise with a multiplier", [1, 3, 6, 5], [6, 1, 3, 3], { group: 3 }, "f32_conv"],
    [
      "grouped",
      [2, 6, 7, 6],
      [10, 3, 3, 2],
      { group: 2, strides: [2, 1], autoPad: "SAME_LOWER" },
      "f32_conv",
    ],
    ["dilated", [1, 3, 9, 9], [5, 3, 3, 3], { dilations: [2, 3], pads: [2, 0, 1, 3] }, "f32_conv"],
    ["of one axis", [2, 4, 11], [5, 4, 3], { strides: [2], pads: [1, 0] }, "f32_conv"],
    ["3×3", [2, 9, 9, 7], [11, 9, 3, 3], { pads: [1, 0, 0, 2] }, "f32_conv_winograd4"],
    ["3×3 of a small map", [1, 9, 5, 5], [11, 9, 3, 3], { pads: [1, 1, 1, 1] }, "f32_conv"],
    ["3×3 of few channels", [1, 7, 12, 12], [11, 7, 3, 3], {}, "f32_conv"],
  ] as const)("lowers %s", (_, x, w, attributes, kernel) => {
    const inputs = [randomFloats(x, 1), randomFloats(w, 2), randomFloats([w[0]], 3)];
    const run = runLowered("Conv", inputs, [1, 2], { attributes });
    expect(run.kernels).toContain(kernel);
    expectClose(run);
  });

  it.each([
    ["f32_gemm", [8, 4, 1, 1], 1],
    ["f32_dwconv", [4, 1, 3, 3], 4],
    ["f32_conv", [8, 4, 3, 3], 1],
  ] as const)("%s adds a residual before the activation", (kernel, w, group) => {
    const pads = w[2] === 3 ? [1, 1, 1, 1] : [0, 0, 0, 0];
    const inputs = [
      randomFloats([1, 4, 5, 5], 1),
      randomFloats(w, 2),
      undefined,
      randomFloats([1, w[0], 5, 5], 4),
    ];
    const activation = { kind: "relu", alpha: 0, beta: 0 };
    const run = runLowered("Conv", inputs, [1], { attributes: { pads, group }, activation });
    expect(run.kernels).toContain(kernel);
    expect(Math.min(...numbersOf(run.expected[0]))).toBe(0);
    expectClose(run);
    const plain = evaluateOp("Conv", inputs.slice(0, 2), { attributes: { pads, group } })[0];
    const sum = numbersOf(plain).map((v, i) => Math.max(0, v + (numbersOf(inputs[3])[i] as number)));
    numbersOf(run.expected[0]).forEach((v, i) => {
      expect(v).toBeCloseTo(sum[i] as number, 5);
    });
  });

  it.each([
    ["pointwise", [7, 6, 1, 1], 1, ["f32_pack_b", "f32_gemm"]],
    ["depthwise", [6, 1, 3, 2], 6, ["x32_transpose", "f32_dwconv"]],
    ["grouped", [10, 3, 2, 3], 2, ["x32_transpose", "f32_pack_b", "f32_conv"]],
    ["of one input channel each", [12, 1, 3, 3], 6, ["f32_pack_b", "f32_conv"]],
  ] as const)("packs weights that are no constants: %s", (_, w, group, kernels) => {
    const run = runLowered("Conv", [randomFloats([2, 6, 5, 4], 1), randomFloats(w, 2)], [], {
      attributes: { group },
    });
    expect(run.kernels.join()).toContain(kernels.join());
    expectClose(run);
  });
});

describe("ConvTranspose", () => {
  it("puts the odd pad of an output_shape before, of SAME_UPPER behind", () => {
    const [x, w] = [floats([1, 1, 2], [1, 2]), floats([1, 1, 2], [1, 10])];
    const run = (attributes: Record<string, AttributeValue>) =>
      numbersOf(evaluateOp("ConvTranspose", [x, w], { attributes })[0]);
    expect(run({})).toEqual([1, 12, 20]);
    expect(run({ outputShape: [2] })).toEqual([12, 20]);
    expect(run({ autoPad: "SAME_LOWER" })).toEqual([12, 20]);
    expect(run({ autoPad: "SAME_UPPER" })).toEqual([1, 12]);
    expect(run({ strides: [2], outputPadding: [1] })).toEqual([1, 10, 2, 20, 0]);
    expect(run({ strides: [2], pads: [1, 0], dilations: [2] })).toEqual([0, 12, 0, 20]);
  });

  it.each([
    ["plain", [2, 5, 4, 3], [5, 6, 3, 2], { strides: [2, 1] }],
    [
      "grouped",
      [1, 6, 4, 3],
      [6, 3, 3, 3],
      { group: 2, strides: [2, 2], pads: [1, 1, 1, 1], outputPadding: [1, 1] },
    ],
    ["one axis", [2, 3, 7], [3, 5, 4], { strides: [3], dilations: [2] }],
    ["one tap", [1, 3, 4, 4], [3, 5, 1, 1], {}],
  ] as const)("lowers %s", (_, x, w, attributes) => {
    const outC = w[1] * ("group" in attributes ? attributes.group : 1);
    const inputs = [randomFloats(x, 1), randomFloats(w, 2), randomFloats([outC], 3)];
    for (const constants of [[1, 2], []]) {
      const activation = { kind: "leakyRelu", alpha: 0.5, beta: 0 };
      const run = runLowered("ConvTranspose", inputs, constants, { attributes, activation });
      expect(run.kernels).toContain("f32_conv_transpose");
      expectClose(run);
    }
  });
});

describe("DepthToSpace and SpaceToDepth", () => {
  it.each(["DCR", "CRD"])("lowers %s as one movement", (mode) => {
    const run = runLowered("DepthToSpace", [randomFloats([2, 12, 3, 2], 1)], [], {
      attributes: { blocksize: 2, mode },
    });
    expect(run.kernels).toEqual(["x32_copy"]);
    expect(run.actual[0]?.data).toEqual(run.expected[0]?.data);
  });

  it("are each other's inverse", () => {
    const x = randomFloats([2, 3, 4, 6], 1);
    const [deep] = evaluateOp("SpaceToDepth", [x], { attributes: { blocksize: 2 } });
    expect(evaluateOp("DepthToSpace", [deep], { attributes: { blocksize: 2 } })[0]?.data).toEqual(x.data);
    const run = runLowered("SpaceToDepth", [x], [], { attributes: { blocksize: 2 } });
    expect(run.kernels).toEqual(["x32_copy"]);
    expect(run.actual[0]?.data).toEqual(deep?.data);
  });

  it("say what does not split", () => {
    expect(() => evaluateOp("DepthToSpace", [ramp([1, 6, 1, 1])], { attributes: { blocksize: 2 } })).toThrow(
      /6 channels do not split/,
    );
    expect(() => evaluateOp("SpaceToDepth", [ramp([1, 1, 3, 2])], { attributes: { blocksize: 2 } })).toThrow(
      /3 pixels do not split/,
    );
  });
});
