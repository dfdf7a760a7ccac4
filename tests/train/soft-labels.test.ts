import { describe, expect, test } from "vitest";
import type { TensorData } from "../../src/tensor.ts";
import { softmaxCrossEntropy } from "../../src/train/losses.ts";
import type { Metric } from "../../src/train/metrics.ts";
import { precision, softAccuracy, softCrossEntropy } from "../../src/train/soft-labels.ts";
import { random } from "../support/random.ts";
import { expectLoss, lossOf, matrix } from "./expect-loss.ts";

const [N, C] = [5, 4];
const scores = random(1).tensor("float32", [N, C], -3, 3) as never as ReturnType<typeof matrix>;

/** Rows that sum to 1. */
function probabilities(): ReturnType<typeof matrix> {
  const { data } = random(2).tensor("float32", [N, C], 0.05, 1);
  const rows = Array.from({ length: N }, (_, n) => Array.from(data.slice(n * C, n * C + C), Number));
  return matrix(rows.map((row) => row.map((value) => value / row.reduce((a, b) => a + b))));
}

describe("cross-entropy against given probabilities", () => {
  test.each([
    [0, 1],
    [0.1, 1],
    [0, 4],
    [0.3, 0.5],
  ])("with label smoothing %d and temperature %d", (labelSmoothing, temperature) => {
    const labels = probabilities();
    expectLoss(softCrossEntropy({ labelSmoothing, temperature }), scores, labels, (values) => {
      let sum = 0;
      for (let n = 0; n < N; n++) {
        const row = Array.from(values.subarray(n * C, n * C + C), (value) => value / temperature);
        const log = Math.log(row.reduce((total, value) => total + Math.exp(value), 0));
        row.forEach((value, c) => {
          const p = (1 - labelSmoothing) * (labels.data[n * C + c] as number) + labelSmoothing / C;
          sum -= p * (value - log);
        });
      }
      return sum / N;
    });
  });

  test("is the one against classes where a class has all", () => {
    const classes = [2, 0, 3, 1, 1];
    const labels = matrix(classes.map((label) => Array.from({ length: C }, (_, c) => Number(c === label))));
    const hard = { dtype: "int32", dims: [N], data: Int32Array.from(classes) } as TensorData;
    for (const labelSmoothing of [0, 0.2]) {
      const own = lossOf(softCrossEntropy({ labelSmoothing }), scores, labels);
      const other = lossOf(softmaxCrossEntropy({ labelSmoothing }), scores, hard);
      expect(own.value).toBeCloseTo(other.value, 5);
      own.slopes.forEach((slope, i) => {
        expect(slope).toBeCloseTo(other.slopes[i] as number, 5);
      });
    }
  });

  test("refuses what it cannot be", () => {
    expect(() => softCrossEntropy({ temperature: 0 })).toThrow(/softCrossEntropy: temperature/);
    expect(() => softCrossEntropy({ labelSmoothing: 1 })).toThrow(/softCrossEntropy: labelSmoothing/);
    expect(() => softCrossEntropy().labels([2, 3, 4])).toThrow(/needs scores \[N, C\]/);
  });
});

function valueBy(metric: Metric, output: TensorData, labels: TensorData): number {
  const run = metric.start();
  run.add(output, labels);
  return run.value();
}

const output = matrix([
  [0.1, 0.7, 0.2],
  [3, 2, 1],
  [-1, -3, -2],
  [0, 1, 2],
]);

test("soft accuracy is the share of samples whose best class is the likeliest", () => {
  const labels = matrix([
    [0.3, 0.4, 0.3],
    [0.6, 0.2, 0.2],
    [0.2, 0.3, 0.5],
    [0.1, 0.1, 0.8],
  ]);
  expect(valueBy(softAccuracy(), output, labels)).toBe(0.75);
  expect(valueBy(softAccuracy(), matrix([[Number.NaN, 1]]), matrix([[1, 0]]))).toBe(0);
});

test("precision counts any of the right labels, and no samples without one", () => {
  const labels = matrix([
    [1, 1, 0],
    [0, 1, 1],
    [0, 0, 0],
    [0, 0, 1],
  ]);
  // Right, wrong, not counted, right.
  expect(valueBy(precision(), output, labels)).toBeCloseTo(2 / 3);
  // The best two: classes 1 and 2, of which 1 is right; 0 and 1, of which 1 is; 2 and 1, of which 2 is.
  expect(valueBy(precision({ at: 2 }), output, labels)).toBeCloseTo((0.5 + 0.5 + 0.5) / 3);
  expect(valueBy(precision({ at: 3 }), output, labels)).toBeCloseTo((2 / 3 + 2 / 3 + 1 / 3) / 3);
  expect(valueBy(precision(), matrix([[Number.NaN, 1]]), matrix([[0, 1]]))).toBe(0);
  // Of equal scores the first is best.
  expect(valueBy(precision(), matrix([[1, 1]]), matrix([[0, 1]]))).toBe(0);
  expect(() => valueBy(precision(), output, matrix([[1, 0, 0]]))).toThrow(/needs labels \[4,3\]/);
});
