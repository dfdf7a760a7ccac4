import { describe, expect, it } from "vitest";
import type { AttributeValue } from "../../src/graph/graph.ts";
import type { TensorData } from "../../src/tensor.ts";
import { random } from "../support/random.ts";
import { evaluateOp, floats, longs, numbersOf, runLowered } from "./run-op.ts";

type Case = [type: string, dims: number[], attributes: Record<string, AttributeValue>, extra: TensorData[]];

const axes = longs([2], [2, 3]);
const cases: Case[] = [
  ["MaxPool", [2, 5, 7, 6], { kernelShape: [3, 2], pads: [1, 0, 1, 0] }, []],
  ["MaxPool", [1, 17, 9, 6], { kernelShape: [3, 3], strides: [2, 2], ceilMode: 1 }, []],
  ["MaxPool", [1, 3, 4, 4, 3], { kernelShape: [2, 2, 2] }, []],
  ["GlobalMaxPool", [2, 5, 7, 6], {}, []],
  ["ReduceMax", [2, 5, 7, 6], {}, [axes]],
  ["ReduceMin", [2, 5, 7, 6], {}, [axes]],
  ["ReduceMax", [2, 5, 7, 6], {}, [longs([1], [1])]],
  ["ReduceLogSumExp", [2, 5, 7, 6], {}, [axes]],
  ["Max", [2, 5, 7, 6], {}, [floats([6], [1, NaN, 0, -1, 2, -Infinity])]],
  ["Min", [2, 5, 7, 6], {}, [floats([6], [1, NaN, 0, -1, 2, Infinity])]],
  ["Relu", [2, 5, 7, 6], {}, []],
  ["Clip", [2, 5, 7, 6], {}, [floats([], [-0.5]), floats([], [0.5])]],
  ["Softmax", [2, 5, 7, 6], { axis: 1 }, []],
  ["LogSoftmax", [2, 5, 7, 6], {}, []],
];

describe.each([0, 0.01, 0.2, 1])("with NaN in %d of the elements", (share) => {
  it.each(cases)("%s of [%j]: kernels do as the definition does", (type, dims, attributes, extra) => {
    const draw = random(dims.length + 100 * share);
    const x = draw.tensor("float32", dims, -1, 1);
    const data = Float32Array.from(x.data as Float32Array, (value) =>
      (draw.tensor("float32", [1], 0, 1).data[0] as number) < share ? NaN : value,
    );
    const inputs = [{ ...x, data } as TensorData, ...extra];
    const { actual, expected } = runLowered(
      type,
      inputs,
      extra.map((_, i) => i + 1),
      { attributes },
    );
    const [a, e] = [numbersOf(actual[0]), numbersOf(expected[0])];
    expect(a.map(Number.isNaN)).toEqual(e.map(Number.isNaN));
    if (share === 1) expect(e.every(Number.isNaN)).toBe(true);
  });
});

describe("a NaN among the elements", () => {
  const rows = floats([4, 3], [1, NaN, 2, NaN, 3, NaN, NaN, NaN, NaN, 3, 2, 1]);
  const image = { ...rows, dims: [1, 4, 3] } as TensorData;

  it("is the largest and the least", () => {
    const max = (type: string, x: TensorData, attributes = {}, ...more: TensorData[]) =>
      numbersOf(evaluateOp(type, [x, ...more], { attributes })[0]);
    expect(max("MaxPool", image, { kernelShape: [3] })).toEqual([NaN, NaN, NaN, 3]);
    expect(max("GlobalMaxPool", image)).toEqual([NaN, NaN, NaN, 3]);
    expect(max("ReduceMax", rows, {}, longs([1], [1]))).toEqual([NaN, NaN, NaN, 3]);
    expect(max("ReduceMin", rows, {}, longs([1], [1]))).toEqual([NaN, NaN, NaN, 1]);
    const region = floats([1, 5], [0, 0, 0, 2, 3]);
    const plane = { ...rows, dims: [1, 1, 4, 3] } as TensorData;
    expect(max("MaxRoiPool", plane, { pooledShape: [4, 1] }, region)).toEqual([NaN, NaN, NaN, 3]);
    expect(max("Hardmax", rows)).toEqual([0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]);
  });

  it("is where indices point, to the first of several", () => {
    const index = (type: string, attributes: Record<string, AttributeValue> = {}) =>
      numbersOf(evaluateOp(type, [rows], { attributes: { axis: 1, ...attributes } })[0]);
    expect(index("ArgMax")).toEqual([1, 0, 0, 0]);
    expect(index("ArgMin")).toEqual([1, 0, 0, 2]);
    expect(index("ArgMax", { selectLastIndex: 1 })).toEqual([1, 2, 2, 0]);
    const outputs = ["y", "indices"];
    const pooled = evaluateOp("MaxPool", [image], { attributes: { kernelShape: [3] }, outputs });
    expect(numbersOf(pooled[1])).toEqual([1, 3, 6, 9]);
    const top = evaluateOp("TopK", [rows, longs([1], [1])], { outputs });
    expect(numbersOf(top[1])).toEqual([1, 0, 0, 0]);
  });
});
