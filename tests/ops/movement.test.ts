import { describe, expect, it } from "vitest";
import type { TensorData } from "../../src/tensor.ts";
import { evaluateOp, floats, longs, numbersOf, runLowered, tensorOf } from "./run-op.ts";

const count = (length: number): TensorData =>
  floats(
    [length],
    Array.from({ length }, (_, i) => i),
  );
const big = (...values: bigint[]): TensorData => ({
  dtype: "int64",
  dims: [values.length],
  data: BigInt64Array.from(values),
});
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

describe("Slice", () => {
  const slice = (start: bigint, end: bigint, step: bigint, data = count(6)) =>
    numbersOf(evaluateOp("Slice", [data, big(start), big(end), big(0n), big(step)])[0]);

  it("clamps starts and ends in both directions", () => {
    expect(slice(INT64_MAX, INT64_MIN, -2n)).toEqual([5, 3, 1]);
    expect(slice(-2n, INT64_MAX, 1n)).toEqual([4, 5]);
    expect(slice(-100n, 100n, 4n)).toEqual([0, 4]);
    expect(slice(3n, 3n, 1n)).toEqual([]);
    expect(slice(0n, INT64_MIN, -1n)).toEqual([0]);
    expect(slice(0n, 1n, -1n, floats([0], []))).toEqual([]);
  });

  it("takes attributes before opset 10, all leading axes by default", () => {
    const matrix = floats([2, 3], [1, 2, 3, 4, 5, 6]);
    const [result] = evaluateOp("Slice", [matrix], {
      opset: 1,
      attributes: { starts: [0, 1], ends: [-1, 100] },
    });
    expect(result).toMatchObject({ dims: [1, 2], data: Float32Array.of(2, 3) });
  });

  it("refuses a step of 0 and an axis named twice", () => {
    expect(() => slice(0n, 1n, 0n)).toThrow(/steps/);
    expect(() =>
      evaluateOp("Slice", [count(3), longs([2], [0, 0]), longs([2], [1, 1]), longs([2], [0, -1])]),
    ).toThrow(/twice/);
  });
});

describe("Split, Concat, Tile, Expand", () => {
  it("splits unevenly into num_outputs pieces, the last ones shorter", () => {
    const outputs = ["a", "b", "c"];
    const pieces = evaluateOp("Split", [count(7)], { opset: 18, outputs, attributes: { numOutputs: 3 } });
    expect(pieces.map(numbersOf)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  });

  it("says what a split adds up to", () => {
    const setting = { opset: 11, outputs: ["a", "b"], attributes: { split: [2, 2] } };
    expect(() => evaluateOp("Split", [count(5)], setting)).toThrow(/adds up to 4/);
    expect(() => evaluateOp("Split", [count(5)], { opset: 13, outputs: ["a", "b"] })).toThrow(/equal/);
  });

  it("concatenates along axis 1 where opset 1 names none", () => {
    const column = floats([2, 1], [1, 2]);
    expect(evaluateOp("Concat", [column, column], { opset: 1 })[0]?.dims).toEqual([2, 2]);
  });

  it.each([
    [[0, 3], 0],
    [[0, 7], 0],
    [[2, 0], 1],
    [[5, 0], 1],
    [[0], 1],
    [[0], -1],
    [[0, 0, 4], 1],
  ])("joins an empty [%j] to another along axis %d", (dims, axis) => {
    const [empty, full] = [floats(dims, []), floats([2, 3], [1, 2, 3, 4, 5, 6])];
    for (const inputs of [
      [empty, full],
      [full, empty],
      [full, empty, full],
    ]) {
      const { actual, expected } = runLowered("Concat", inputs, [], { attributes: { axis } });
      expect(actual[0]?.dims).toEqual(expected[0]?.dims);
      expect(actual[0]?.data).toEqual(expected[0]?.data);
      if (inputs.length === 2) expect(actual[0]).toMatchObject(full);
    }
  });

  it("counts what an empty tensor has along the axis", () => {
    const empty = (...dims: number[]) => floats(dims, []);
    const [result] = evaluateOp("Concat", [empty(0, 4), empty(0, 3)], { attributes: { axis: 1 } });
    expect(result?.dims).toEqual([0, 7]);
    const concat = (axis: number) =>
      evaluateOp("Concat", [empty(5, 0), floats([2, 3], [1, 2, 3, 4, 5, 6])], { attributes: { axis } });
    expect(() => concat(0)).toThrow(/must agree/);
  });

  it("tiles one axis in opset 1", () => {
    const [result] = evaluateOp("Tile", [floats([2, 1], [1, 2]), longs([], [3]), longs([], [1])], {
      opset: 1,
    });
    expect(result).toMatchObject({ dims: [2, 3], data: Float32Array.of(1, 1, 1, 2, 2, 2) });
  });

  it("expands in both directions", () => {
    const [result] = evaluateOp("Expand", [floats([3, 1], [1, 2, 3]), longs([3], [2, 1, 2])]);
    expect(result).toMatchObject({
      dims: [2, 3, 2],
      data: Float32Array.of(1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3),
    });
    expect(() => evaluateOp("Expand", [count(3), longs([1], [2])])).toThrow(/expand/);
  });
});

describe("views", () => {
  it("squeezes all ones, or the axes named, which must be ones", () => {
    const data = floats([1, 2, 1], [1, 2]);
    expect(evaluateOp("Squeeze", [data])[0]?.dims).toEqual([2]);
    expect(evaluateOp("Squeeze", [data, longs([1], [-1])])[0]?.dims).toEqual([1, 2]);
    expect(() => evaluateOp("Squeeze", [data, longs([1], [1])])).toThrow(/size 2/);
  });

  it("counts Unsqueeze's axes in the output, in any order", () => {
    expect(evaluateOp("Unsqueeze", [count(3), longs([2], [-1, 0])])[0]?.dims).toEqual([1, 3, 1]);
  });

  it("flattens at either end", () => {
    const data = floats([2, 3, 1], [1, 2, 3, 4, 5, 6]);
    expect(evaluateOp("Flatten", [data], { attributes: { axis: 0 } })[0]?.dims).toEqual([1, 6]);
    expect(evaluateOp("Flatten", [data], { attributes: { axis: 3 } })[0]?.dims).toEqual([6, 1]);
  });

  it("transposes strings, and all axes in reverse without perm", () => {
    const words: TensorData = { dtype: "string", dims: [2, 2], data: ["a", "b", "c", "d"] };
    expect(evaluateOp("Transpose", [words])[0]?.data).toEqual(["a", "c", "b", "d"]);
    expect(() => evaluateOp("Transpose", [words], { attributes: { perm: [0, 0] } })).toThrow(/order/);
  });
});

describe("gathering and scattering", () => {
  const matrix = floats([2, 3], [1, 2, 3, 4, 5, 6]);

  it("gathers by negative and scalar indices", () => {
    const [result] = evaluateOp("Gather", [matrix, longs([], [-1])], { attributes: { axis: 1 } });
    expect(result).toMatchObject({ dims: [2], data: Float32Array.of(3, 6) });
    expect(() => evaluateOp("Gather", [matrix, longs([1], [2])])).toThrow(/index 2 is out of range/);
  });

  it("gathers slices behind batch dims", () => {
    const [result] = evaluateOp("GatherND", [matrix, longs([2, 1], [2, -3])], {
      attributes: { batchDims: 1 },
    });
    expect(numbersOf(result)).toEqual([3, 4]);
  });

  it("reduces where updates meet, wrapping 64-bit integers and doing logic on bools", () => {
    const indices = longs([2], [0, 0]);
    const scatter = (data: TensorData, updates: TensorData, reduction: string) =>
      evaluateOp("ScatterElements", [data, indices, updates], { attributes: { reduction } })[0];
    expect(scatter(big(INT64_MAX), big(1n, 1n), "add")?.data).toEqual(BigInt64Array.of(INT64_MIN + 1n));
    expect(numbersOf(scatter(tensorOf("bool", [1], [0]), tensorOf("bool", [2], [1, 1]), "add"))).toEqual([1]);
    expect(numbersOf(scatter(count(1), floats([2], [-4, -7]), "min"))).toEqual([-7]);
  });

  it("scatters slices, the last one winning, and leaves its input alone", () => {
    const updates = floats([2, 3], [7, 7, 7, 8, 8, 8]);
    const [result] = evaluateOp("ScatterND", [matrix, longs([2, 1], [1, -1]), updates]);
    expect(numbersOf(result)).toEqual([1, 2, 3, 8, 8, 8]);
    expect(numbersOf(matrix)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("made from little", () => {
  it("keeps INT64_MAX in Constant, which arrives as the double 2^63", () => {
    expect(evaluateOp("Constant", [], { attributes: { valueInt: 2 ** 63 } })[0]?.data).toEqual(
      BigInt64Array.of(INT64_MAX),
    );
  });

  it("counts a Range up and down, and to nothing", () => {
    const range = (...values: number[]) =>
      numbersOf(
        evaluateOp(
          "Range",
          values.map((value) => floats([], [value])),
        )[0],
      );
    expect(range(1, 2, 0.5)).toEqual([1, 1.5]);
    expect(range(3, -1, -2)).toEqual([3, 1]);
    expect(range(3, 4, -1)).toEqual([]);
  });

  it("tells a part of a shape", () => {
    const [result] = evaluateOp("Shape", [floats([1, 2, 3], [1, 2, 3, 4, 5, 6])], {
      attributes: { start: -9, end: -1 },
    });
    expect(numbersOf(result)).toEqual([1, 2]);
  });

  it("marks OneHot's negative indices from the end and ignores those outside", () => {
    const [result] = evaluateOp("OneHot", [longs([3], [-1, 3, 1]), longs([], [3]), floats([2], [0, 1])]);
    expect(numbersOf(result)).toEqual([0, 0, 1, 0, 0, 0, 0, 1, 0]);
  });
});

describe("selection", () => {
  it("gives TopK's ties to the lower index", () => {
    const x = floats([5], [2, 7, 7, 1, 2]);
    const [values, indices] = evaluateOp("TopK", [x, longs([1], [4])], { outputs: ["v", "i"] });
    expect(numbersOf(values)).toEqual([7, 7, 2, 2]);
    expect(numbersOf(indices)).toEqual([1, 2, 0, 4]);
    const [, least] = evaluateOp("TopK", [x, longs([1], [2])], {
      outputs: ["v", "i"],
      attributes: { largest: 0 },
    });
    expect(numbersOf(least)).toEqual([3, 0]);
    expect(() => evaluateOp("TopK", [x, longs([1], [6])], { outputs: ["v", "i"] })).toThrow(/k is 6/);
  });

  it("compresses by a condition shorter than the axis", () => {
    const [result] = evaluateOp("Compress", [count(4), tensorOf("bool", [2], [0, 1])], {
      attributes: { axis: 0 },
    });
    expect(numbersOf(result)).toEqual([1]);
  });
});
