import { expect, test } from "vitest";
import { accuracy } from "../../src/train/metrics.ts";

/** The accuracy over rows of scores for the given classes. */
function accuracyOf(rows: readonly (readonly number[])[], classes: readonly number[], top?: number): number {
  const run = accuracy(top === undefined ? {} : { top }).start();
  const data = Float32Array.from(rows.flat());
  run.add(
    { dtype: "float32", dims: [rows.length, rows[0]?.length ?? 0], data },
    { dtype: "int32", dims: [classes.length], data: Int32Array.from(classes) },
  );
  return run.value();
}

test("accuracy is the share of largest scores at the right class", () => {
  const rows = [
    [0.1, 0.7, 0.2],
    [3, 2, 1],
    [-1, -3, -2],
    [0, 1, 2],
  ];
  expect(accuracyOf(rows, [1, 0, 2, 0])).toBe(0.5);
  expect(accuracyOf(rows, [1, 0, 2, 0], 2)).toBe(0.75);
});

test("a network that says the same of every class is right only where its first class is", () => {
  const flat = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ];
  expect(accuracyOf(flat, [0, 1, 2])).toBeCloseTo(1 / 3);
});

test("scores that are no numbers are wrong", () => {
  expect(accuracyOf([[Number.NaN, Number.NaN]], [0])).toBe(0);
  expect(accuracyOf([[Number.NaN, 1]], [1])).toBe(0);
});
