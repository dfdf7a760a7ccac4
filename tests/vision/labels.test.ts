import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { numberToFloat16 } from "../../src/dtype.ts";
import { ShapeError, UsageError } from "../../src/errors.ts";
import { Tensor } from "../../src/tensor.ts";
import { softmax, topK } from "../../src/vision/index.ts";

describe("softmax", () => {
  test("of numbers computed by hand", () => {
    expect([...softmax([0, 0])]).toEqual([0.5, 0.5]);
    expect(softmax([0, Math.log(3)])[1]).toBeCloseTo(0.75, 6);
    expect([...softmax([1000, -1000])]).toEqual([1, 0]);
    expect([...softmax([-5, -Infinity])]).toEqual([1, 0]);
    expect([...softmax([])]).toEqual([]);
  });

  test("sums to one, whatever is added to all", () => {
    const logits = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(logits, fc.integer({ min: -1000, max: 1000 }), (logits, shift) => {
        const shares = softmax(logits);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
        const moved = softmax(logits.map((logit) => logit + shift));
        for (const [i, share] of shares.entries()) expect(moved[i]).toBeCloseTo(share, 5);
      }),
    );
  });
});

describe("topK", () => {
  const scores = [0.1, 0.7, Number.NaN, 0.2, 0.7];

  test("ranks, ties by index, NaN last", () => {
    expect(topK(scores, 3)).toEqual([
      { index: 1, score: 0.7 },
      { index: 4, score: 0.7 },
      { index: 3, score: 0.2 },
    ]);
    expect(topK(scores, 9).map(({ index }) => index)).toEqual([1, 4, 3, 0, 2]);
    expect(topK([-Infinity, Number.NaN, -Infinity], 3).map(({ index }) => index)).toEqual([0, 2, 1]);
  });

  test("names and weighs", () => {
    expect(topK([0, Math.log(3)], 1, ["cat", "dog"], { softmax: true })).toEqual([
      { index: 1, label: "dog", score: expect.closeTo(0.75, 6) },
    ]);
  });

  test("takes one row of any dtype", () => {
    expect(topK(new Tensor("float32", Float32Array.of(1, 3, 2), [1, 3, 1, 1]), 1)[0]).toEqual({
      index: 1,
      score: 3,
    });
    expect(topK(new Tensor("int64", BigInt64Array.of(1n, 3n), [2]), 1)[0]).toEqual({ index: 1, score: 3 });
    expect(
      topK(new Tensor("float16", Uint16Array.of(numberToFloat16(-1), numberToFloat16(-2)), [2]), 1)[0],
    ).toEqual({
      index: 0,
      score: -1,
    });
    expect(() => topK(new Tensor("float32", new Float32Array(6), [2, 3]), 1)).toThrow(ShapeError);
  });

  test("refuses a wrong list of names, k, strings", () => {
    expect(() => topK([1, 2, 3], 1, ["a", "b"])).toThrow("2 labels for 3 scores");
    expect(() => topK([1], 0)).toThrow(UsageError);
    expect(() => topK({ dims: [1], data: [1] } as never)).toThrow("must be an array of numbers");
    expect(() => topK(new Tensor("string", ["a"], [1]), 1)).toThrow(UsageError);
  });
});
