import { describe, expect, it } from "vitest";
import { evaluateOp, floats, longs, numbersOf, randomFloats, runLowered, tensorOf } from "./run-op.ts";

const TYPES = [
  "ReduceSum",
  "ReduceMean",
  "ReduceMax",
  "ReduceMin",
  "ReduceProd",
  "ReduceL1",
  "ReduceL2",
  "ReduceSumSquare",
  "ReduceLogSum",
  "ReduceLogSumExp",
];

describe("reductions", () => {
  it.each(TYPES)("%s lowers any set of axes, one pass for each run of them", (type) => {
    const data = randomFloats([2, 3, 4, 5], 1);
    const positive = floats(
      data.dims,
      numbersOf(data).map((x) => Math.abs(x) + 0.1),
    );
    for (const [axes, passes] of [
      [[2, 3], 1],
      [[1], 1],
      [[0, 2], 2],
      [[1, 3], 2],
      [[0, 1, 2, 3], 1],
    ] as const) {
      for (const keepdims of [0, 1]) {
        const run = runLowered(type, [positive, longs([axes.length], axes)], [1], {
          attributes: { keepdims },
        });
        expect(run.kernels).toEqual(new Array(passes).fill("f32_reduce"));
        expect(run.actual[0]?.dims).toEqual(run.expected[0]?.dims);
        numbersOf(run.expected[0]).forEach((value, i) => {
          expect(Math.abs((numbersOf(run.actual[0])[i] as number) - value)).toBeLessThan(
            1e-5 * (1 + Math.abs(value)),
          );
        });
      }
    }
  });

  it("takes axes from the attribute before opset 18 (ReduceSum: 13)", () => {
    const data = floats([2, 2], [1, 2, 3, 4]);
    expect(
      numbersOf(evaluateOp("ReduceMax", [data], { opset: 13, attributes: { axes: [-1], keepdims: 0 } })[0]),
    ).toEqual([2, 4]);
    expect(
      numbersOf(evaluateOp("ReduceSum", [data], { opset: 11, attributes: { axes: [0], keepdims: 0 } })[0]),
    ).toEqual([4, 6]);
  });

  it("with noop_with_empty_axes reduces nothing, yet maps each element", () => {
    const noop = { attributes: { noopWithEmptyAxes: 1 } };
    expect(numbersOf(evaluateOp("ReduceSumSquare", [floats([2], [2, -3])], noop)[0])).toEqual([4, 9]);
    expect(numbersOf(evaluateOp("ReduceL1", [floats([2], [2, -3]), longs([0], [])], noop)[0])).toEqual([
      2, 3,
    ]);
    expect(numbersOf(evaluateOp("ReduceSum", [floats([2], [2, -3]), longs([0], [])])[0])).toEqual([-1]);
  });

  it("gives the identity of an empty set", () => {
    const of = (type: string, dtype: "float32" | "int32") =>
      numbersOf(evaluateOp(type, [tensorOf(dtype, [0], []), longs([1], [0])])[0]);
    expect(of("ReduceProd", "float32")).toEqual([1]);
    expect(of("ReduceMax", "float32")).toEqual([-Infinity]);
    expect(of("ReduceMin", "int32")).toEqual([2147483647]);
    expect(of("ReduceLogSumExp", "float32")).toEqual([-Infinity]);
  });

  it("sums 64-bit integers exactly and does not overflow in LogSumExp", () => {
    const data = { dtype: "int64", dims: [2], data: BigInt64Array.of(2n ** 60n, 1n) } as const;
    expect(evaluateOp("ReduceSum", [data])[0]?.data).toEqual(BigInt64Array.of(2n ** 60n + 1n));
    expect(numbersOf(evaluateOp("ReduceLogSumExp", [floats([2], [1000, 1000])])[0])[0]).toBeCloseTo(
      1000 + Math.LN2,
      3,
    );
  });

  it("names an axis that is out of range", () => {
    expect(() => evaluateOp("ReduceSum", [floats([1], [1]), longs([1], [1])])).toThrow(
      /axis 1 is out of range for rank 1/,
    );
  });
});

describe("ArgMax and ArgMin", () => {
  it("take the first or the last of equals", () => {
    const data = floats([2, 3], [5, 5, 1, 0, 0, 2]);
    expect(numbersOf(evaluateOp("ArgMax", [data], { attributes: { axis: 1, keepdims: 0 } })[0])).toEqual([
      0, 2,
    ]);
    expect(
      numbersOf(evaluateOp("ArgMax", [data], { attributes: { axis: -1, selectLastIndex: 1 } })[0]),
    ).toEqual([1, 2]);
    expect(
      numbersOf(evaluateOp("ArgMin", [data], { attributes: { axis: 1, selectLastIndex: 1 } })[0]),
    ).toEqual([2, 1]);
  });

  it("tell 64-bit integers apart", () => {
    const data = { dtype: "int64", dims: [2], data: BigInt64Array.of(2n ** 60n, 2n ** 60n + 1n) } as const;
    expect(numbersOf(evaluateOp("ArgMax", [data])[0])).toEqual([1]);
  });
});

describe("Softmax", () => {
  it("before opset 13 runs over all axes from `axis` on", () => {
    const data = randomFloats([2, 3, 4], 5);
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    expect(sum(numbersOf(evaluateOp("Softmax", [data], { opset: 11 })[0]))).toBeCloseTo(2, 5);
    expect(sum(numbersOf(evaluateOp("Softmax", [data], { opset: 13 })[0]))).toBeCloseTo(6, 5);
  });

  it("lowers every axis", () => {
    for (const opset of [11, 13]) {
      for (const axis of [0, 1, 2, -1]) {
        for (const type of ["Softmax", "LogSoftmax"]) {
          const run = runLowered(type, [randomFloats([2, 3, 4], 5)], [], { opset, attributes: { axis } });
          expect(run.kernels).toEqual(["f32_softmax"]);
          numbersOf(run.expected[0]).forEach((value, i) => {
            expect(numbersOf(run.actual[0])[i]).toBeCloseTo(value, 5);
          });
        }
      }
    }
  });
});

describe("CumSum", () => {
  it("counts from either end, with or without the element itself", () => {
    const x = floats([3], [1, 2, 4]);
    const sums = (exclusive: number, reverse: number) =>
      numbersOf(evaluateOp("CumSum", [x, longs([], [0])], { attributes: { exclusive, reverse } })[0]);
    expect(sums(0, 0)).toEqual([1, 3, 7]);
    expect(sums(1, 0)).toEqual([0, 1, 3]);
    expect(sums(0, 1)).toEqual([7, 6, 4]);
    expect(sums(1, 1)).toEqual([6, 4, 0]);
  });
});
