import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/errors.ts";
import { centerCrop, crop, flatten, type ImageLike, letterbox, resize } from "../../src/vision/index.ts";
import { greys, hash, pattern, red, rgb } from "./pattern.ts";

// Hashes of the RGB bytes that Pillow 12.3 gives for the same 13×7 picture.
const pillow = [
  [5, 3, 4263171589, 3330662372],
  [20, 11, 1368099412, 1927365437],
  [4, 7, 1785826754, 184540029],
  [13, 2, 276377415, 1511340571],
  [1, 1, 2428228579, 628986406],
  [6, 15, 1971948950, 2012209671],
] as const;

describe("resize", () => {
  test.each(pillow)("to %d×%d gives Pillow's bytes", (width, height, bilinear, nearest) => {
    expect(hash(rgb(resize(pattern(13, 7), width, height)))).toBe(bilinear);
    expect(hash(rgb(resize(pattern(13, 7), width, height, { method: "nearest" })))).toBe(nearest);
  });

  test("bilinear without antialias takes half-pixel neighbours", () => {
    const line = greys(4, 0, 100, 200, 40);
    expect(red(resize(line, 8, 1))).toEqual([0, 25, 75, 125, 175, 160, 80, 40]);
    expect(red(resize(line, 2, 1, { antialias: false }))).toEqual([50, 120]);
    const wide = greys(6, 0, 0, 90, 0, 0, 30);
    expect(red(resize(wide, 2, 1, { antialias: false }))).toEqual([0, 0]);
    expect(red(resize(wide, 2, 1))).not.toEqual([0, 0]);
  });

  test("area averages what a pixel covers, rounding once", () => {
    expect(red(resize(greys(4, 0, 10, 20, 41), 2, 1, { method: "area" }))).toEqual([5, 31]);
    expect(red(resize(greys(3, 30, 60, 90), 2, 1, { method: "area" }))).toEqual([40, 80]);
    expect(red(resize(greys(2, 0, 1, 0, 0), 1, 1, { method: "area" }))).toEqual([0]);
    expect(red(resize(greys(2, 7, 9), 4, 1, { method: "area" }))).toEqual([7, 7, 9, 9]);
  });

  test("the same size is the same picture, and a flat picture stays flat", () => {
    const side = fc.integer({ min: 1, max: 40 });
    const method = fc.constantFrom("bilinear", "area", "nearest");
    fc.assert(
      fc.property(side, side, side, side, method, fc.boolean(), (w, h, toW, toH, method, antialias) => {
        const image = pattern(w, h);
        expect([...resize(image, w, h, { method, antialias }).data]).toEqual([...image.data]);
        const flat = { width: w, height: h, data: new Uint8ClampedArray(w * h * 4).fill(173) };
        for (let at = 3; at < flat.data.length; at += 4) flat.data[at] = 255;
        const result = resize(flat, toW, toH, { method, antialias });
        expect([result.width, result.height, result.data.length]).toEqual([toW, toH, toW * toH * 4]);
        expect(new Set(rgb(result))).toEqual(new Set([173]));
        expect(result.data.every((byte, at) => at % 4 !== 3 || byte === 255)).toBe(true);
      }),
    );
  });

  test("area keeps the mean", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (from, to) => {
        const image = pattern(from, 2);
        const mean = (bytes: number[]) => bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
        expect(Math.abs(mean(red(resize(image, to, 2, { method: "area" }))) - mean(red(image)))).toBeLessThan(
          0.51,
        );
      }),
    );
  });

  test("transparent pixels lend no colour", () => {
    const image = { width: 2, height: 1, data: Uint8Array.of(200, 100, 50, 255, 0, 255, 0, 0) };
    expect([...resize(image, 1, 1).data]).toEqual([199, 100, 50, 128]);
  });

  test("names what is wrong with an image or a size", () => {
    const image = pattern(2, 2);
    expect(() => resize({ ...image, width: 3 }, 1, 1)).toThrow(
      new ShapeError(undefined, "a 3×2 RGBA image has 24 bytes, data has 16"),
    );
    expect(() => resize({ data: new Uint8Array(12), width: 2, height: 2 }, 1, 1)).toThrow("RGBA is needed");
    expect(() => resize({ ...image, height: 0 }, 1, 1)).toThrow(UsageError);
    expect(() => resize(image, 0, 1)).toThrow("width must be a whole number of at least 1, got 0");
    expect(() => resize(image, 1, 2.5)).toThrow(UsageError);
    expect(() => resize(image, 1, 1, { method: "cubic" as never })).toThrow(
      /resize method must be one of .*"cubic"/,
    );
    expect(() => resize({ data: [1, 2, 3, 4], width: 1, height: 1 } as unknown as ImageLike, 1, 1)).toThrow(
      "canvas",
    );
    expect(() => resize(undefined as unknown as ImageLike, 1, 1)).toThrow(UsageError);
  });
});

describe("crop", () => {
  test("copies the part", () => {
    const image = greys(3, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(red(crop(image, 1, 1, 2, 2))).toEqual([5, 6, 8, 9]);
    expect(red(centerCrop(image, 1, 1))).toEqual([5]);
  });

  test("splits odd margins as torchvision does, the half to even", () => {
    expect(red(centerCrop(greys(4, 1, 2, 3, 4), 3, 1))).toEqual([1, 2, 3]); // round(0.5) = 0
    expect(red(centerCrop(greys(4, 1, 2, 3, 4), 1, 1))).toEqual([3]); // round(1.5) = 2
    expect(red(centerCrop(greys(6, 1, 2, 3, 4, 5, 6), 1, 1))).toEqual([3]); // round(2.5) = 2
  });

  test("must lie inside", () => {
    expect(() => centerCrop(pattern(4, 4), 5, 1)).toThrow(UsageError);
    expect(() => crop(pattern(4, 4), 2, 2, 2, 3)).toThrow("2×3 crop at (2, 2) does not lie in the 4×4 image");
    expect(() => crop(pattern(4, 4), -1, 0, 2, 2)).toThrow(UsageError);
    expect(() => crop(pattern(4, 4), 0.5, 0, 2, 2)).toThrow(UsageError);
  });
});

describe("letterbox", () => {
  test("centres a wide picture between bars", () => {
    const { image, placement } = letterbox(greys(4, 10, 10, 10, 10, 10, 10, 10, 10), 4, 5, {
      color: [1, 1, 1],
    });
    expect(red(image)).toEqual([...Array(4).fill(1), ...Array(8).fill(10), ...Array(8).fill(1)]);
    expect(placement).toEqual({ scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 1 });
  });

  test("the placement maps the picture's corners to the bars' edges", () => {
    const side = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(side, side, side, side, (w, h, toW, toH) => {
        const flat = greys(w, ...Array(w * h).fill(200));
        const { image, placement } = letterbox(flat, toW, toH, { color: [7, 7, 7] });
        const right = w * placement.scaleX + placement.offsetX;
        const bottom = h * placement.scaleY + placement.offsetY;
        for (let y = 0; y < toH; y++) {
          for (let x = 0; x < toW; x++) {
            const inside =
              x >= placement.offsetX && x + 0.5 < right && y >= placement.offsetY && y + 0.5 < bottom;
            expect(image.data[(y * toW + x) * 4]).toBe(inside ? 200 : 7);
          }
        }
        expect(Math.abs(right - toW) < 1e-9 || Math.abs(bottom - toH) < 1e-9).toBe(true);
      }),
    );
  });
});

describe("flatten", () => {
  const image = { width: 2, height: 1, data: Uint8Array.of(200, 100, 0, 51, 9, 8, 7, 255) };

  test("drops alpha or lays the picture over a colour", () => {
    expect([...flatten(image).data]).toEqual([200, 100, 0, 255, 9, 8, 7, 255]);
    expect([...flatten(image, [255, 255, 255]).data]).toEqual([244, 224, 204, 255, 9, 8, 7, 255]);
  });

  test("hands an opaque picture back", () => {
    const opaque = pattern(3, 3);
    expect(flatten(opaque)).toBe(opaque);
  });
});
