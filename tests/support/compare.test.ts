import { expect, test } from "vitest";
import type { TensorData } from "../../src/tensor.ts";
import { difference } from "./compare.ts";

const of = (...values: number[]): TensorData => ({
  dtype: "float32",
  dims: [values.length],
  data: Float32Array.from(values),
});

test("values that are not finite are met by themselves alone", () => {
  const odd = [Number.NaN, Infinity, -Infinity, 1];
  expect(difference(of(...odd), of(...odd))).toBeUndefined();
  for (const expected of odd) {
    for (const actual of odd.filter((one) => !Object.is(one, expected)))
      expect(difference(of(actual, 1), of(expected, 1)), `${actual} for ${expected}`).toMatch(/^1 of 2/);
  }
});
