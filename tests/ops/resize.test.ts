import { describe, expect, it } from "vitest";
import type { AttributeValue } from "../../src/graph/graph.ts";
import { evaluateOp, floats, longs, numbersOf, randomFloats, runLowered, tensorOf } from "./run-op.ts";

const line = floats([1, 1, 4], [1, 2, 3, 4]);
const scaled = (scale: number, attributes: Record<string, AttributeValue>, opset = 19, x = line) =>
  numbersOf(evaluateOp("Resize", [x, undefined, floats([3], [1, 1, scale])], { attributes, opset })[0]);

describe("Resize", () => {
  it("at opset 10 cuts when it enlarges and rounds up when it shrinks", () => {
    const run = (scale: number) =>
      numbersOf(evaluateOp("Resize", [line, floats([3], [1, 1, scale])], { opset: 10 })[0]);
    expect(run(1.5)).toEqual([1, 1, 2, 3, 3, 4]);
    expect(run(0.6)).toEqual([1, 3]);
  });

  it("knows the four nearest modes at a tie", () => {
    const at = (nearestMode: string) =>
      scaled(2 / 3 + 1e-7, { nearestMode, coordinateTransformationMode: "asymmetric" }, 19);
    expect(at("round_prefer_floor")).toEqual([1, 2]);
    expect(at("round_prefer_ceil")).toEqual([1, 3]);
    expect(at("floor")).toEqual([1, 2]);
    expect(at("ceil")).toEqual([1, 3]);
  });

  it("computes output sizes in float32", () => {
    const x = floats([1, 1, 10], [...Array(10).keys()]);
    expect(scaled(Math.fround(0.7), {}, 19, x).length).toBe(7);
  });

  it("extrapolates what tf_crop_and_resize reads outside", () => {
    const inputs = [line, floats([6], [0, 0, 0.5, 1, 1, 1.5]), undefined, longs([3], [1, 1, 3])];
    const attributes = {
      coordinateTransformationMode: "tf_crop_and_resize",
      mode: "linear",
      extrapolationValue: 9,
    };
    expect(numbersOf(evaluateOp("Resize", inputs, { attributes })[0])).toEqual([2.5, 4, 9]);
  });

  it("keeps the aspect ratio on the axes named", () => {
    const x = randomFloats([1, 1, 4, 6], 1);
    const dims = (keepAspectRatioPolicy: string) =>
      evaluateOp("Resize", [x, undefined, undefined, longs([2], [8, 6])], {
        attributes: { keepAspectRatioPolicy, axes: [-2, 3] },
      })[0]?.dims;
    expect(dims("not_larger")).toEqual([1, 1, 4, 6]);
    expect(dims("not_smaller")).toEqual([1, 1, 8, 12]);
    expect(dims("stretch")).toEqual([1, 1, 8, 6]);
  });

  it("takes any dtype and any axis", () => {
    const words = tensorOf("int64", [2, 1], [1, 2]);
    const [y] = evaluateOp("Resize", [words, undefined, floats([2], [2, 1])], {
      attributes: { coordinateTransformationMode: "asymmetric", nearestMode: "floor" },
    });
    expect(y).toMatchObject({ dims: [4, 1], data: BigInt64Array.of(1n, 1n, 2n, 2n) });
    const bytes = tensorOf("uint8", [1, 2], [10, 13]);
    expect(
      numbersOf(
        evaluateOp("Resize", [bytes, undefined, floats([2], [1, 2])], { attributes: { mode: "linear" } })[0],
      ),
    ).toEqual([10, 10, 12, 13]);
  });

  it("wants what it needs", () => {
    expect(() => evaluateOp("Resize", [line])).toThrow(/scales or sizes/);
    expect(() => evaluateOp("Resize", [line, undefined, floats([2], [1, 2])])).toThrow(/3 axes.*got \[1,2\]/);
    expect(() => scaled(2, { mode: "area" })).toThrow(/mode must be one of/);
  });

  it.each([
    ["nearest", "half_pixel", "f32_resize_nearest", [2, 5, 4, 3]],
    ["nearest", "align_corners", "f32_resize_nearest", [2, 5, 4]],
    ["linear", "pytorch_half_pixel", "f32_resize_linear", [2, 5, 4, 3]],
    ["linear", "align_corners", "f32_resize_linear", [1, 3, 6]],
    ["cubic", "half_pixel_symmetric", "f32_resize_cubic", [1, 7, 5, 6]],
  ] as const)("lowers %s %s as %s", (mode, coordinateTransformationMode, kernel, dims) => {
    for (const scale of [0.6, 1, 1.7, 3]) {
      const scales = floats(
        [dims.length],
        dims.map((_, i) => (i < 2 ? 1 : i === 2 ? 1.5 : scale)),
      );
      const run = runLowered("Resize", [randomFloats(dims, 3), undefined, scales], [2], {
        attributes: { mode, coordinateTransformationMode },
      });
      expect(run.kernels).toContain(kernel);
      expect(run.actual[0]?.dims).toEqual(run.expected[0]?.dims);
      const actual = numbersOf(run.actual[0]);
      numbersOf(run.expected[0]).forEach((value, i) => {
        expect(actual[i]).toBeCloseTo(value, 5);
      });
    }
  });
});

describe("Upsample", () => {
  it("takes its scales from the attribute before opset 9", () => {
    const run = runLowered("Upsample", [randomFloats([1, 3, 2, 2], 1)], [], {
      opset: 7,
      attributes: { scales: [1, 1, 2, 3], mode: "linear" },
    });
    expect(run.kernels).toContain("f32_resize_linear");
    expect(run.actual[0]?.dims).toEqual([1, 3, 4, 6]);
    const actual = numbersOf(run.actual[0]);
    numbersOf(run.expected[0]).forEach((value, i) => {
      expect(actual[i]).toBeCloseTo(value, 5);
    });
  });
});
