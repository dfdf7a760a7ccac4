import { describe, expect, test } from "vitest";
import { boxIou, generalizedIou, iouOf, smoothL1 } from "../../src/train/boxes.ts";
import { random } from "../support/random.ts";
import { expectLoss, lossOf, matrix } from "./expect-loss.ts";

describe("smooth L1", () => {
  const output = random(1).tensor("float32", [6, 4], -3, 3) as never as ReturnType<typeof matrix>;
  const labels = random(2).tensor("float32", [6, 4], -3, 3);

  test.each([0.25, 1, 2])("beta %d: squares within, lines beyond", (beta) => {
    expectLoss(smoothL1({ beta }), output, labels, (values) => {
      let sum = 0;
      values.forEach((value, i) => {
        const d = Math.abs(value - Number(labels.data[i]));
        sum += d < beta ? (d * d) / (2 * beta) : d - beta / 2;
      });
      return sum / values.length;
    });
  });

  test("refuses a beta that is none", () => {
    expect(() => smoothL1({ beta: 0 })).toThrow(/smoothL1: beta must be a finite number above 0, got 0/);
  });
});

describe("generalised IoU", () => {
  /** Overlapping, one inside the other, apart, touching nothing, and two that are turned inside out. */
  const output = matrix([
    [0.1, 0.2, 0.7, 0.9],
    [0.3, 0.3, 0.5, 0.6],
    [0.6, 0.7, 0.9, 0.95],
    [-3, 2, 5, 8],
    [0.5, 0.1, 0.2, 0.8],
    [0.9, 0.8, 0.1, 0.2],
  ]);
  const labels = matrix([
    [0.3, 0.1, 0.9, 0.6],
    [0.1, 0.2, 0.8, 0.9],
    [0.1, 0.1, 0.3, 0.25],
    [-4, -1, 1, 4],
    [0.1, 0.2, 0.6, 0.7],
    [0.2, 0.3, 0.6, 0.7],
  ]);

  /** By the areas of the cells that all corners cut the plane into: each is in a box or not. */
  function byCells(values: Float64Array): number {
    const inside = (box: ArrayLike<number>, x: number, y: number): boolean =>
      x > (box[0] as number) && x < (box[2] as number) && y > (box[1] as number) && y < (box[3] as number);
    let total = 0;
    for (let n = 0; n < 6; n++) {
      const [x0, y0, x1, y1] = values.subarray(4 * n, 4 * n + 4) as never as [number, number, number, number];
      const own = [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
      const given = labels.data.subarray(4 * n, 4 * n + 4);
      const cuts = [0, 1].map((axis) =>
        [own[axis], own[axis + 2], given[axis], given[axis + 2]].map(Number).sort((a, b) => a - b),
      );
      const hull = [0, 1, 2, 3].map((side) =>
        (side < 2 ? Math.min : Math.max)(Number(own[side]), Number(given[side])),
      );
      const area = { shared: 0, union: 0, hull: 0 };
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++) {
          const [x0, x1] = (cuts[0] as number[]).slice(i, i + 2) as [number, number];
          const [y0, y1] = (cuts[1] as number[]).slice(j, j + 2) as [number, number];
          const [x, y, size] = [(x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) * (y1 - y0)];
          const [a, b] = [inside(own, x, y), inside(given, x, y)];
          if (a && b) area.shared += size;
          if (a || b) area.union += size;
          if (inside(hull, x, y)) area.hull += size;
        }
      total += 1 - area.shared / area.union + (area.hull - area.union) / area.hull;
    }
    return total / 6;
  }

  test("and its slopes, as counted by cells of the plane", () => {
    expectLoss(generalizedIou(), output, labels, byCells);
  });

  test("is 0 for the same boxes, near 2 for small ones far apart, and finite for points", () => {
    expect(lossOf(generalizedIou(), labels, labels).value).toBeCloseTo(0, 5);
    expect(lossOf(generalizedIou(), matrix([[0, 0, 1, 1]]), matrix([[99, 99, 100, 100]])).value).toBeCloseTo(
      2,
      3,
    );
    const { value, slopes } = lossOf(generalizedIou(), matrix([[1, 1, 1, 1]]), matrix([[1, 1, 1, 1]]));
    expect([value, ...slopes].every(Number.isFinite)).toBe(true);
  });

  test("is for boxes", () => {
    expect(() => generalizedIou().labels([2, 5])).toThrow(/needs boxes \[N, 4\], the network gives \[2,5\]/);
  });
});

test("box IoU by hand, its mean and the share above a bound", () => {
  expect(iouOf([0, 0, 2, 2], [1, 1, 3, 3])).toBeCloseTo(1 / 7);
  expect(iouOf([0, 0, 1, 1], [1, 0, 2, 1])).toBe(0);
  expect(iouOf([2, 2, 1, 1], [0, 0, 3, 3])).toBe(0);
  expect(iouOf([1, 1, 1, 1], [1, 1, 1, 1])).toBe(0);
  const [output, labels] = [
    matrix([
      [0, 0, 2, 2],
      [0, 0, 4, 2],
      [1, 0, 0, 1],
    ]),
    matrix([
      [1, 1, 3, 3],
      [0, 0, 2, 2],
      [0, 0, 1, 1],
    ]),
  ];
  const mean = boxIou().start();
  mean.add(output, labels);
  expect(mean.value()).toBeCloseTo((1 / 7 + 1 / 2 + 1) / 3);
  const share = boxIou({ atLeast: 0.5 }).start();
  share.add(output, labels);
  expect(share.value()).toBeCloseTo(2 / 3);
  expect(() => boxIou({ atLeast: 2 })).toThrow(/boxIou: atLeast/);
});
