import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { numberToFloat16 } from "../../src/dtype.ts";
import { ShapeError, UsageError } from "../../src/errors.ts";
import { Tensor } from "../../src/tensor.ts";
import { boxAt, iou, letterbox, nonMaxSuppression, toCorners, toImage } from "../../src/vision/index.ts";
import { pattern } from "./pattern.ts";

describe("iou", () => {
  test("of boxes drawn by hand", () => {
    expect(iou([0, 0, 2, 2], [1, 1, 3, 3])).toBeCloseTo(1 / 7);
    expect(iou([0, 0, 2, 2], [0, 0, 2, 1])).toBe(0.5);
    expect(iou([0, 0, 2, 2], [2, 0, 4, 2])).toBe(0);
    expect(iou([2, 2, 0, 0], [0, 0, 2, 2])).toBe(1);
    expect(iou([1, 1, 1, 1], [1, 1, 1, 1])).toBe(0);
  });

  test("is the same in every format", () => {
    expect(iou([0, 0, 2, 2], [1, 1, 2, 2], "xywh")).toBeCloseTo(1 / 7);
    expect(iou([1, 1, 2, 2], [2, 2, 2, 2], "cxcywh")).toBeCloseTo(1 / 7);
    expect(toCorners([5, 6, 4, 2], "cxcywh")).toEqual([3, 5, 7, 7]);
    expect(() => iou([0, 0, 1, 1], [0, 0, 1, 1], "yxyx" as never)).toThrow(UsageError);
  });
});

describe("nonMaxSuppression", () => {
  const boxes = [0, 0, 10, 10, 1, 1, 11, 11, 20, 20, 30, 30, 0, 0, 10, 9];

  test("keeps the best of each heap, best first", () => {
    expect(nonMaxSuppression(boxes, [0.6, 0.9, 0.7, 0.5])).toEqual([1, 2]);
    expect(nonMaxSuppression(boxes, [0.6, 0.5, 0.7, 0.5])).toEqual([2, 0]);
    expect(nonMaxSuppression(boxes, [0.6, 0.9, 0.7, 0.5], { iouThreshold: 0.7 })).toEqual([1, 2, 0]);
    expect(nonMaxSuppression(boxes, [0.6, 0.9, 0.7, 0.5], { scoreThreshold: 0.8 })).toEqual([1]);
    expect(nonMaxSuppression(boxes, [0.6, 0.9, 0.7, 0.5], { maxOutput: 1 })).toEqual([1]);
    expect(nonMaxSuppression(boxes, [0.6, Number.NaN, 0.7, 0.5])).toEqual([2, 0]);
  });

  test("leaves other classes alone", () => {
    expect(nonMaxSuppression(boxes, [0.6, 0.9, 0.7, 0.5], { classes: [0, 1, 0, 0] })).toEqual([1, 2, 0]);
  });

  test("takes tensors of any float dtype", () => {
    const half = new Tensor("float16", Uint16Array.from(boxes, numberToFloat16), [1, 4, 4]);
    expect(nonMaxSuppression(half, new Tensor("float32", Float32Array.of(0.6, 0.9, 0.7, 0.5), [4]))).toEqual([
      1, 2,
    ]);
    expect(boxAt(half, 2)).toEqual([20, 20, 30, 30]);
    expect(() => boxAt(half, 4)).toThrow(UsageError);
  });

  test("what stays does not overlap, what goes is covered by a better one", () => {
    const box = fc.tuple(
      fc.nat(20),
      fc.nat(20),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
    );
    const scored = fc.array(fc.tuple(box, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 30 });
    fc.assert(
      fc.property(scored, fc.double({ min: 0, max: 1, noNaN: true }), (list, iouThreshold) => {
        const flat = list.flatMap(([numbers]) => numbers);
        const scores = list.map(([, score]) => score);
        const kept = nonMaxSuppression(flat, scores, { iouThreshold, format: "xywh" });
        const overlap = (a: number, b: number) => iou(boxAt(flat, a), boxAt(flat, b), "xywh");
        for (let index = 0; index < list.length; index++) {
          const better = kept.filter(
            (other) => other !== index && (scores[other] as number) >= (scores[index] as number),
          );
          if (kept.includes(index)) {
            const before = kept.slice(0, kept.indexOf(index));
            expect(before.every((other) => overlap(other, index) <= iouThreshold)).toBe(true);
          } else expect(better.some((other) => overlap(other, index) > iouThreshold)).toBe(true);
        }
      }),
    );
  });

  test("refuses counts that do not fit", () => {
    expect(() => nonMaxSuppression(boxes, [1, 2, 3])).toThrow(ShapeError);
    expect(() => nonMaxSuppression(boxes, [1, 2, 3, 4], { classes: [0] })).toThrow(ShapeError);
    expect(() => nonMaxSuppression(boxes, [1, 2, 3, 4], { iouThreshold: 45 })).toThrow(UsageError);
  });
});

describe("toImage", () => {
  test("takes boxes back through a letterbox", () => {
    const { placement } = letterbox(pattern(200, 100), 64, 64);
    expect(placement).toEqual({ scaleX: 0.32, scaleY: 0.32, offsetX: 0, offsetY: 16 });
    const box = toImage([0, 16, 64, 48], placement);
    for (const [k, value] of [0, 0, 200, 100].entries()) expect(box[k]).toBeCloseTo(value);
    expect(
      toImage([32, 32, 128, 16], placement, { format: "cxcywh", within: { width: 200, height: 100 } }),
    ).toEqual([0, 25, 200, 75]);
  });
});
