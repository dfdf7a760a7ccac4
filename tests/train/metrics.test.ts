import { expect, test } from "vitest";
import { accuracy, type Metric, meanIntersectionOverUnion } from "../../src/train/metrics.ts";

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

/** What a metric says of scores [1, 3, 2, 2], one list a class, for a label map of two rows. */
function ofMaps(metric: Metric, maps: readonly (readonly number[])[], labels: readonly number[]): number {
  const run = metric.start();
  const add = (classes: readonly number[]): void =>
    run.add(
      { dtype: "float32", dims: [1, 3, 2, 2], data: Float32Array.from(maps.flat()) },
      { dtype: "int32", dims: [1, 2, 2], data: Int32Array.from(classes) },
    );
  // The same twice: means over batches stay what they are.
  add(labels);
  add(labels);
  return run.value();
}

const MAPS = [
  [3, 3, 0, 0],
  [0, 0, 2, 0],
  [1, 1, 1, 1],
];

test("accuracy of maps is the share of places", () => {
  expect(ofMaps(accuracy(), MAPS, [0, 1, 1, 2])).toBe(0.75);
  expect(ofMaps(accuracy({ top: 2 }), MAPS, [2, 0, 0, 2])).toBe(0.75);
});

test("mean IoU: what is of a class and taken for it, of what is either; classes that are nowhere do not count", () => {
  const metric = meanIntersectionOverUnion();
  // Taken for 0, 0, 1, 2: of class 0 one of two, of class 1 one of two, of class 2 one of one.
  expect(ofMaps(metric, MAPS, [0, 1, 1, 2])).toBeCloseTo((1 / 2 + 1 / 2 + 1) / 3, 12);
  // Classes 1 and 2 are taken for others throughout.
  expect(ofMaps(metric, MAPS, [0, 0, 0, 0])).toBeCloseTo(1 / 2 / 3, 12);
  const twoOf = MAPS.map((map, c) => (c === 2 ? map.map(() => -9) : map));
  expect(ofMaps(metric, twoOf, [0, 0, 1, 0])).toBe(1);
  expect(metric.start().value()).toBeNaN();
});

test("metrics of maps refuse labels of other dims", () => {
  expect(() =>
    meanIntersectionOverUnion()
      .start()
      .add(
        { dtype: "float32", dims: [1, 3, 2, 2], data: new Float32Array(12) },
        { dtype: "int32", dims: [1, 4], data: new Int32Array(4) },
      ),
  ).toThrow("mean IoU: an output of [1,3,2,2] needs labels [1,2,2], got [1,4]");
});
