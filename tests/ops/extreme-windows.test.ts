import { describe, expect, it } from "vitest";
import type { AttributeValue } from "../../src/graph/graph.ts";
import type { TensorData } from "../../src/tensor.ts";
import { evaluateOp, floats, numbersOf, runLowered, tensorOf } from "./run-op.ts";

const square = floats([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);

/** What a compiled node gives, which must be what its definition says. */
function run(type: string, inputs: TensorData[], attributes: Record<string, AttributeValue>): number[] {
  const { actual, expected, kernels } = runLowered(type, inputs, inputs.length > 1 ? [1] : [], {
    attributes,
  });
  expect(kernels).toContain("host");
  expect(actual[0]?.dims).toEqual(expected[0]?.dims);
  expect(actual[0]?.data).toEqual(expected[0]?.data);
  return numbersOf(actual[0]);
}

describe("windows beyond int32 run by their definition", () => {
  it.each([2 ** 30, 3221225474, 2 ** 32 + 1, 2 ** 45])("Conv with dilations and pads of %d", (far) => {
    const w = floats([1, 1, 3, 3], [1, 1, 1, 1, 10, 1, 1, 1, 1]);
    const attributes = { dilations: [far, far], pads: [far, far, far, far] };
    expect(run("Conv", [square, w], attributes)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  it.each([2 ** 31, 2 ** 32, 2 ** 40])("Conv with strides of %d", (far) => {
    const w = floats([1, 1, 2, 2], [1, 10, 100, 1000]);
    expect(run("Conv", [square, w], { strides: [far, far] })).toEqual([5421]);
  });

  it.each([2 ** 30, 2 ** 32 + 1])("a depthwise Conv and a ConvTranspose with %d", (far) => {
    const w = floats([1, 1, 1, 3], [1, 10, 1]);
    const attributes = { dilations: [1, far], pads: [0, far, 0, far] };
    const x = floats([1, 1, 1, 2], [1, 2]);
    expect(run("Conv", [x, w], attributes)).toEqual([10, 20]);
    expect(run("ConvTranspose", [x, w], attributes)).toEqual([10, 20]);
    expect(run("ConvTranspose", [floats([1, 1, 1, 1], [2]), w], { strides: [1, far] })).toEqual([2, 20, 2]);
  });

  it.each([2 ** 28, 2 ** 32 + 1])("integer convolutions with %d", (far) => {
    const x = tensorOf("uint8", [1, 1, 3, 3], numbersOf(square));
    const w = tensorOf("int8", [1, 1, 3, 3], [1, 1, 1, 1, 10, 1, 1, 1, 1]);
    const attributes = { dilations: [far, far], pads: [far, far, far, far] };
    const { actual } = runLowered("ConvInteger", [x, w], [1], { attributes });
    expect(numbersOf(actual[0])).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  it("AveragePool of 100001², its padding counted", () => {
    const attributes = { kernelShape: [100001, 100001], pads: [50000, 50000, 50000, 50000] };
    const ones = floats([1, 1, 2, 2], [1, 1, 1, 1]);
    const mean = Math.fround(4 / 100001 ** 2);
    expect(run("AveragePool", [ones], { ...attributes, countIncludePad: 1 })).toEqual([
      mean,
      mean,
      mean,
      mean,
    ]);
    expect(run("AveragePool", [ones], attributes)).toEqual([1, 1, 1, 1]);
  });

  it.each(["MaxPool", "LpPool"])("%s over 2^32 + 1", (type) => {
    const attributes = { kernelShape: [2 ** 32 + 1, 1], pads: [2 ** 31, 0, 2 ** 31, 0], p: 1 };
    const x = floats([1, 1, 2, 2], [1, 4, 3, 2]);
    const column = type === "MaxPool" ? [3, 4] : [4, 6];
    expect(run(type, [x], attributes)).toEqual([...column, ...column]);
  });

  it("MaxPool of int8 over 2^32 + 1", () => {
    const attributes = { kernelShape: [2 ** 32 + 1, 1], pads: [2 ** 31, 0, 2 ** 31, 0] };
    const x = tensorOf("int8", [1, 1, 2, 2], [1, 4, 3, -2]);
    expect(run("MaxPool", [x], attributes)).toEqual([3, 4, 3, 4]);
  });

  it.each([2 ** 31, 2 ** 32])("flags and counts of %d are not cut to their low bits", (flag) => {
    const attributes = { kernelShape: [2, 2], pads: [1, 1, 0, 0], countIncludePad: flag };
    expect(run("AveragePool", [floats([1, 1, 1, 1], [4])], attributes)).toEqual([1]);
  });
});

describe("windows beyond counting", () => {
  it.each([
    ["MaxPool", { kernelShape: [2 ** 63, 2 ** 63], pads: [2 ** 62, 2 ** 62, 2 ** 62, 2 ** 62] }],
    ["MaxPool", { kernelShape: [2, 2], dilations: [2 ** 53, 1], pads: [2 ** 52, 0, 2 ** 52, 0] }],
    ["AveragePool", { kernelShape: [2, 2], strides: [2 ** 63, 1] }],
  ])("%s %j is a ShapeError", (type, attributes) => {
    expect(() => evaluateOp(type, [square], { attributes })).toThrow(/beyond counting/);
  });

  it("ConvTranspose is a ShapeError", () => {
    const w = floats([1, 1, 1, 1], [1]);
    const attributes = { strides: [2 ** 62, 1] };
    expect(() => evaluateOp("ConvTranspose", [square, w], { attributes })).toThrow(/beyond counting/);
  });
});
