import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import { evaluateNode } from "../../src/ops/evaluate.ts";
import type { TensorData } from "../../src/tensor.ts";
import { evaluateOp, floats, longs, numbersOf, randomFloats, runLowered, tensorOf } from "./run-op.ts";

const line = floats([3], [1, 2, 3]);
const padNode = (mode: string) => ({
  ...{ name: "node", op: "Pad", domain: "", opset: 22, attributes: { mode } },
  ...{ inputs: ["data", "pads"], outputs: ["y"] },
});
const padded = (mode: string, begin: number, end: number, x = line) =>
  numbersOf(evaluateOp("Pad", [x, longs([2], [begin, end])], { attributes: { mode } })[0]);

describe("Pad", () => {
  it("knows what lies around a tensor", () => {
    expect(padded("constant", 1, 2)).toEqual([0, 1, 2, 3, 0, 0]);
    expect(padded("edge", 1, 2)).toEqual([1, 1, 2, 3, 3, 3]);
    expect(padded("reflect", 2, 2)).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect(padded("wrap", 1, 4)).toEqual([3, 1, 2, 3, 1, 2, 3, 1]);
  });

  it("crops by negative pads before it repeats", () => {
    expect(padded("constant", -1, 1)).toEqual([2, 3, 0]);
    expect(padded("wrap", -1, 2)).toEqual([2, 3, 2, 3]);
    expect(padded("edge", 1, -2)).toEqual([1, 1]);
    expect(padded("constant", -4, 3)).toEqual([0, 0]);
    expect(padded("edge", -3, 0)).toEqual([]);
    expect(() => padded("constant", -2, -2)).toThrow(/leave nothing/);
  });

  it.each([
    ["wrap", -3, 2],
    ["wrap", -4, 2],
    ["reflect", -4, 2],
    ["reflect", 2, -4],
    ["edge", 3, -3],
    ["edge", -4, 3],
  ])("has nothing to repeat in mode %s where %d and %d crop all", (mode, begin, end) => {
    expect(() => padded(mode, begin, end)).toThrow(ShapeError);
    const pads = longs([2], [begin, end]);
    expect(() => evaluateNode(padNode(mode), [line, pads])).toThrow(ShapeError);
  });

  it("reads its older forms", () => {
    const setting = { attributes: { pads: [1, 0], value: 7 }, opset: 2 };
    expect(numbersOf(evaluateOp("Pad", [line], setting)[0])).toEqual([7, 1, 2, 3]);
    const oldest = { attributes: { paddings: [0, 1], value: 7 }, opset: 1 };
    expect(numbersOf(evaluateOp("Pad", [line], oldest)[0])).toEqual([1, 2, 3, 7]);
  });

  it("pads any dtype on the axes named", () => {
    const words: TensorData = { dtype: "string", dims: [1, 2], data: ["a", "b"] };
    const [y] = evaluateOp("Pad", [words, longs([2], [1, 0]), undefined, longs([1], [-1])]);
    expect(y).toMatchObject({ dims: [1, 3], data: ["", "a", "b"] });
    const big = tensorOf("int64", [2], [1, 2]);
    expect(evaluateOp("Pad", [big, longs([2], [1, 0]), longs([], [5])])[0]?.data).toEqual(
      BigInt64Array.of(5n, 1n, 2n),
    );
  });

  it.each([
    ["constant", [2, 3, 4, 5], [0, 0, 1, 2, 0, 0, 2, 1], ["x32_fill", "x32_copy"]],
    ["constant", [2, 3, 4, 5], [1, 0, -1, 2, 0, 2, 2, -1], ["x32_fill", "x32_copy"]],
    ["reflect", [2, 3, 4, 5], [0, 0, 1, 2, 0, 0, 2, 1], ["x32_pad"]],
    ["edge", [3, 4], [1, 2, 2, 1], ["x32_pad"]],
    ["wrap", [2, 3, 7], [0, 0, 3, 0, 0, 2], ["x32_pad"]],
    ["wrap", [7], [-3, 2], ["host"]],
    ["edge", [2, 3, 4], [1, 0, 0, 0, 0, 0], ["host"]],
  ] as const)("lowers %s on [%s] by [%s]", (mode, dims, pads, kernels) => {
    const value = floats([], [-1.5]);
    const run = runLowered("Pad", [randomFloats(dims, 4), longs([pads.length], pads), value], [1, 2], {
      attributes: { mode },
    });
    expect(run.kernels).toEqual(kernels);
    expect(run.actual[0]?.dims).toEqual(run.expected[0]?.dims);
    expect(run.actual[0]?.data).toEqual(run.expected[0]?.data);
  });
});

describe("CenterCropPad", () => {
  it("crops and pads around the middle, the odd element behind", () => {
    const x = floats([4, 3], [...Array(12).keys()]);
    const run = runLowered("CenterCropPad", [x, longs([2], [3, 4])], [1]);
    expect(run.kernels).toEqual(["x32_fill", "x32_copy"]);
    expect(numbersOf(run.expected[0])).toEqual([0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0]);
    expect(run.actual[0]?.data).toEqual(run.expected[0]?.data);
  });
});
