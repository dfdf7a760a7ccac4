import { describe, expect, test } from "vitest";
import { Tensor } from "../../src/index.ts";
import {
  type Heatmap,
  overlay,
  paint,
  peakOf,
  planeOf,
  resizeHeatmap,
  tile,
} from "../../src/inspect/index.ts";

const map = (width: number, ...data: number[]): Heatmap => ({
  data: Float32Array.from(data),
  width,
  height: data.length / width,
});
const pixel = (picture: { data: Uint8ClampedArray; width: number }, x: number, y = 0): number[] =>
  Array.from(picture.data.subarray((y * picture.width + x) * 4, (y * picture.width + x) * 4 + 4));

describe("a heatmap", () => {
  test("is stretched as a Resize with half-pixel centres does", () => {
    expect(Array.from(resizeHeatmap(map(2, 0, 1), 4, 1).data)).toEqual([0, 0.25, 0.75, 1]);
    expect(Array.from(resizeHeatmap(map(1, 0, 4), 1, 8).data)).toEqual([0, 0, 0.5, 1.5, 2.5, 3.5, 4, 4]);
    expect(Array.from(resizeHeatmap(map(3, 1, 2, 3), 3, 1).data)).toEqual([1, 2, 3]);
    expect(Array.from(resizeHeatmap(map(2, 1, 2, 3, 4), 1, 1).data)).toEqual([2.5]);
  });

  test("has its ends at those of the colours, or where the caller says", () => {
    const painted = paint(map(3, -1, 0, 3));
    expect([pixel(painted, 0), pixel(painted, 2)]).toEqual([
      [68, 1, 84, 255],
      [253, 231, 37, 255],
    ]);
    expect(pixel(paint(map(3, -1, 0, 3), { from: -3, to: 0, colors: "gray" }), 1)).toEqual([
      255, 255, 255, 255,
    ]);
    // 0 is in the middle of the diverging colours.
    const around = paint(map(3, -1, 0, 3), { colors: "diverging" });
    expect(pixel(around, 1)).toEqual([247, 247, 247, 255]);
    expect(pixel(around, 2)).toEqual([103, 0, 31, 255]);
    expect(pixel(paint(map(2, Number.NaN, 1)), 0)).toEqual([0, 0, 0, 0]);
  });

  test("lies over a picture, by its opacity", () => {
    const picture = { data: new Uint8ClampedArray(16).fill(100), width: 2, height: 2 };
    const mixed = overlay(picture, map(1, 5), { opacity: 0.25, colors: "gray", from: 0, to: 5 });
    expect(pixel(mixed, 1, 1)).toEqual([139, 139, 139, 255]);
    expect(pixel(overlay(picture, map(1, Number.NaN)), 0)).toEqual([100, 100, 100, 255]);
  });

  test("has a peak", () => {
    expect(peakOf(map(3, 0, 1, 2, 5, 4, 5))).toEqual({ x: 0, y: 1, value: 5 });
  });

  test("comes of a plane of a tensor", () => {
    const tensor = new Tensor(
      "float32",
      Float32Array.from({ length: 24 }, (_, i) => i),
      [2, 3, 2, 2],
    );
    expect(planeOf(tensor, 2, 1)).toEqual(map(2, 20, 21, 22, 23));
    expect(() => planeOf(tensor, 3)).toThrow(/channel/);
  });
});

test("pictures are laid on a sheet", () => {
  const picture = (value: number) => ({ data: new Uint8ClampedArray(8).fill(value), width: 2, height: 1 });
  const sheet = tile([picture(1), picture(2), picture(3)], { columns: 2, zoom: 2 });
  expect([sheet.width, sheet.height]).toEqual([11, 7]);
  expect([
    pixel(sheet, 0, 0)[0],
    pixel(sheet, 1, 1)[0],
    pixel(sheet, 9, 2)[0],
    pixel(sheet, 4, 5)[0],
  ]).toEqual([255, 1, 2, 3]);
  expect(pixel(sheet, 7, 5)).toEqual([255, 255, 255, 255]);
  expect(() => tile([picture(1), { ...picture(1), width: 1, height: 2 }])).toThrow(/picture 1 is 1×2/);
});
