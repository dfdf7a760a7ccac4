import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import type { TensorData } from "../../src/tensor.ts";
import { evaluateOp, floats, longs, numbersOf, tensorOf } from "./run-op.ts";

const strings = (values: string[]): TensorData => ({ dtype: "string", dims: [values.length], data: values });
const one = (type: string, inputs: (TensorData | undefined)[], setting = {}) =>
  evaluateOp(type, inputs, setting)[0] as TensorData;

describe("arithmetic on integers", () => {
  const int32 = (...values: number[]) => tensorOf("int32", [values.length], values);

  it("wraps at the dtype's width", () => {
    expect(numbersOf(one("Mul", [int32(123456789, 65537), int32(987654321, 65537)]))).toEqual([
      -67153019, 131073,
    ]);
    expect(numbersOf(one("Add", [tensorOf("uint8", [1], [250]), tensorOf("uint8", [1], [10])]))).toEqual([4]);
    expect(numbersOf(one("Sub", [tensorOf("uint32", [1], [1]), tensorOf("uint32", [1], [2])]))).toEqual([
      4294967295,
    ]);
  });

  it("divides towards zero", () => {
    expect(numbersOf(one("Div", [int32(-7, 7, -7), int32(2, -2, -2)]))).toEqual([-3, -3, 3]);
  });

  it("is exact on 64 bits", () => {
    const big = (value: bigint): TensorData => ({
      dtype: "int64",
      dims: [1],
      data: BigInt64Array.of(value),
    });
    const y = one("Add", [big(2n ** 60n), big(1n)]).data as BigInt64Array;
    expect(y[0]).toBe(2n ** 60n + 1n);
    expect((one("Mul", [big(2n ** 62n), big(4n)]).data as BigInt64Array)[0]).toBe(0n);
    expect((one("Pow", [big(3n), big(39n)]).data as BigInt64Array)[0]).toBe(3n ** 39n);
  });

  it("gives Mod the divisor's sign, or with fmod the dividend's", () => {
    const [a, b] = [int32(-5, 5, -5, 6), int32(3, -3, -3, 3)];
    expect(numbersOf(one("Mod", [a, b]))).toEqual([1, -1, -2, 0]);
    expect(numbersOf(one("Mod", [a, b], { attributes: { fmod: 1 } }))).toEqual([-2, 2, -2, 0]);
  });

  it("shifts everything out at the dtype's width", () => {
    const x = tensorOf("uint8", [4], [255, 255, 255, 3]);
    const by = tensorOf("uint8", [4], [1, 8, 40, 7]);
    expect(numbersOf(one("BitShift", [x, by], { attributes: { direction: "LEFT" } }))).toEqual([
      254, 0, 0, 128,
    ]);
    expect(numbersOf(one("BitShift", [x, by], { attributes: { direction: "RIGHT" } }))).toEqual([
      127, 0, 0, 0,
    ]);
  });
});

describe("broadcasting", () => {
  it("repeats both sides", () => {
    const y = one("Sub", [floats([2, 1], [10, 20]), floats([3], [1, 2, 3])]);
    expect(y.dims).toEqual([2, 3]);
    expect(numbersOf(y)).toEqual([9, 8, 7, 19, 18, 17]);
  });

  it("lets a size of 0 win over 1", () => {
    expect(one("Add", [floats([2, 0], []), floats([1, 1], [5])]).dims).toEqual([2, 0]);
  });

  it("aligns by axis before opset 7", () => {
    const a = floats([2, 2, 2], [0, 0, 0, 0, 0, 0, 0, 0]);
    const y = one("Add", [a, floats([2], [1, 2])], { opset: 6, attributes: { broadcast: 1, axis: 1 } });
    expect(numbersOf(y)).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
  });

  it("refuses dims that clash", () => {
    expect(() => evaluateOp("Add", [floats([2], [1, 2]), floats([3], [1, 2, 3])])).toThrow(ShapeError);
    expect(() => evaluateOp("Add", [floats([2], [1, 2]), floats([1], [1])], { opset: 6 })).toThrow(
      /broadcast is 0/,
    );
    expect(() => evaluateOp("PRelu", [floats([2], [1, 2]), floats([2, 1], [1, 1])])).toThrow(ShapeError);
  });

  it("takes three operands in Where, strings too", () => {
    const test = tensorOf("bool", [2, 1], [1, 0]);
    const y = one("Where", [test, strings(["a", "b"]), strings(["z"])]);
    expect(y.dims).toEqual([2, 2]);
    expect(y.data).toEqual(["a", "b", "z", "z"]);
  });

  it("gives an old PRelu's 1-D slope to the channels", () => {
    const y = one("PRelu", [floats([1, 2, 1, 2], [-1, 1, -1, 1]), floats([2], [2, 3])], { opset: 6 });
    expect(numbersOf(y)).toEqual([-2, 1, -3, 1]);
  });
});

describe("what is not a plain number", () => {
  it("passes through Max, Min and Relu, and is false in comparisons", () => {
    const nan = floats([1], [Number.NaN]);
    for (const type of ["Max", "Min"])
      expect(numbersOf(one(type, [nan, floats([1], [1])]))).toEqual([Number.NaN]);
    expect(numbersOf(one("Relu", [nan]))).toEqual([Number.NaN]);
    expect(numbersOf(one("GreaterOrEqual", [nan, nan]))).toEqual([0]);
    expect(numbersOf(one("Sign", [floats([3], [Number.NaN, -0, -2])]))).toEqual([Number.NaN, -0, -1]);
  });

  it("is cut by Clip to the greatest finite number where a bound is absent", () => {
    const y = one("Clip", [floats([2], [Infinity, -Infinity]), undefined, floats([], [7])]);
    expect(numbersOf(y)).toEqual([7, -3.4028234663852886e38]);
  });

  it("lets Clip's max win over a greater min", () => {
    expect(numbersOf(one("Clip", [floats([2], [-9, 9]), floats([], [5]), floats([], [2])]))).toEqual([2, 2]);
  });

  it("rounds halves to even", () => {
    const y = one("Round", [floats([6], [0.5, 1.5, 2.5, -0.5, -1.5, -2.5])]);
    expect(numbersOf(y)).toEqual([0, 2, 2, -0, -2, -2]);
  });

  it("raises 1 to NaN as C does", () => {
    expect(numbersOf(one("Pow", [floats([2], [1, -1]), floats([2], [Number.NaN, Infinity])]))).toEqual([
      1, 1,
    ]);
  });
});

describe("Cast", () => {
  const to = (dtype: number) => ({ attributes: { to: dtype } });

  it("writes numbers as C's %.8g, ties to even", () => {
    const x = floats([7], [1e8, 0.1, 3.25, 1e-5, -2.5, 16777216, 1.73828125]);
    const text = one("Cast", [x], to(8)).data;
    expect(text).toEqual(["1e+08", "0.1", "3.25", "9.9999997e-06", "-2.5", "16777216", "1.7382812"]);
    expect(one("Cast", [floats([3], [Number.NaN, Infinity, -Infinity])], to(8)).data).toEqual([
      "NaN",
      "INF",
      "-INF",
    ]);
  });

  it("reads numbers, infinities in any case, and 64 bits exactly", () => {
    expect(numbersOf(one("Cast", [strings(["1e3", " -inf", "+INF", "nan"])], to(1)))).toEqual([
      1000,
      -Infinity,
      Infinity,
      Number.NaN,
    ]);
    expect((one("Cast", [strings(["9007199254740993"])], to(7)).data as BigInt64Array)[0]).toBe(
      9007199254740993n,
    );
    expect(() => one("Cast", [strings(["abc"])], to(1))).toThrow(/"abc" is not a number/);
  });

  it("keeps the low bits of integers", () => {
    expect(numbersOf(one("Cast", [longs([2], [300, -1])], to(2)))).toEqual([44, 255]);
    const wide: TensorData = { dtype: "int64", dims: [1], data: BigInt64Array.of(2n ** 62n + 7n) };
    expect(numbersOf(one("Cast", [wide], to(6)))).toEqual([7]);
    expect(numbersOf(one("Cast", [floats([3], [0.5, 0, Number.NaN])], to(9)))).toEqual([1, 0, 1]);
  });
});

describe("Dropout", () => {
  const data = floats([1000], new Array(1000).fill(1));
  const setting = { outputs: ["y", "mask"], attributes: { seed: 7 } };

  it("keeps everything at inference", () => {
    const [y, mask] = evaluateOp("Dropout", [data, floats([], [0.9])], setting) as [TensorData, TensorData];
    expect(y.data).toEqual(data.data);
    expect(numbersOf(mask).every((bit) => bit === 1)).toBe(true);
  });

  it("drops by the ratio and scales the rest in training, the same for one seed", () => {
    const inputs = [data, floats([], [0.75]), tensorOf("bool", [], [1])];
    const [y, mask] = evaluateOp("Dropout", inputs, setting) as [TensorData, TensorData];
    const kept = numbersOf(mask).filter((bit) => bit === 1).length;
    expect(kept).toBeGreaterThan(180);
    expect(kept).toBeLessThan(320);
    expect(numbersOf(y)).toEqual(numbersOf(mask).map((bit) => bit * 4));
    expect(numbersOf(evaluateOp("Dropout", inputs, setting)[0])).toEqual(numbersOf(y));
  });
});

describe("random tensors", () => {
  it("have the moments asked for", () => {
    const y = numbersOf(
      one("RandomNormal", [], { attributes: { shape: [10000], mean: 3, scale: 2, seed: 1 } }),
    );
    const mean = y.reduce((a, b) => a + b, 0) / y.length;
    const deviation = Math.sqrt(y.reduce((a, b) => a + (b - mean) ** 2, 0) / y.length);
    expect(Math.abs(mean - 3)).toBeLessThan(0.1);
    expect(Math.abs(deviation - 2)).toBeLessThan(0.1);
  });

  it("draw classes by their log-probabilities", () => {
    const logits = floats([1, 3], [Math.log(0.1), Math.log(0.6), Math.log(0.3)]);
    const y = numbersOf(one("Multinomial", [logits], { attributes: { sampleSize: 5000, seed: 3 } }));
    const share = (value: number) => y.filter((drawn) => drawn === value).length / y.length;
    expect([share(0), share(1), share(2)].map((p) => Math.round(p * 20) / 20)).toEqual([0.1, 0.6, 0.3]);
  });
});
