import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readImageFile } from "../../src/cli/image-file.ts";
import { ShapeError, UsageError } from "../../src/errors.ts";
import {
  fromTensor,
  type PresetName,
  preprocess,
  preprocessFor,
  presets,
  toImage,
} from "../../src/vision/index.ts";
import { greys, hash, pattern, photos, rgb } from "./pattern.ts";

describe("preprocess", () => {
  // Hashes of the 224×224 bytes that Pillow 12.3 gives after Resize(256) and CenterCrop(224) as torchvision does them.
  test.each([
    [300, 200, 3157693027],
    [201, 333, 736359266],
    [100, 100, 863227484],
  ])("imagenet on %d×%d gives torchvision's bytes", (width, height, expected) => {
    const { tensor } = preprocess(pattern(width, height), "imagenet");
    expect(tensor.dims).toEqual([1, 3, 224, 224]);
    expect(hash(rgb(fromTensor(tensor, presets.imagenet)))).toBe(expected);
  });

  test("imagenet's numbers", () => {
    const { tensor } = preprocess(greys(1, 128), "imagenet");
    const at = (channel: number) => (tensor.data as Float32Array)[channel * 224 * 224];
    expect(at(0)).toBeCloseTo((128 / 255 - 0.485) / 0.229, 6);
    expect(at(1)).toBeCloseTo((128 / 255 - 0.456) / 0.224, 6);
    expect(at(2)).toBeCloseTo((128 / 255 - 0.406) / 0.225, 6);
  });

  test.each([
    ["imagenet", [1, 3, 224, 224], -2.12, 2.65],
    ["imagenetInception", [1, 3, 299, 299], -1, 1],
    ["imagenetCaffe", [1, 3, 224, 224], -123.68, 151.061],
    ["yolo", [1, 3, 640, 640], 0, 1],
    ["ultraface", [1, 3, 240, 320], -127 / 128, 1],
    ["blazeface", [1, 128, 128, 3], -1, 1],
    ["mnist", [1, 1, 28, 28], 0, 1],
    ["unit", [1, 3, 224, 224], 0, 1],
    ["signed", [1, 3, 224, 224], -1, 1],
    ["raw", [1, 3, 224, 224], 0, 255],
    ["bytes", [1, 3, 224, 224], 0, 255],
  ] as const)("%s gives %j between %d and %d", (name, dims, low, high) => {
    const { tensor } = preprocess(greys(2, 0, 255, 255, 0), name, { method: "nearest" });
    expect(tensor.dims).toEqual(dims);
    const values = Array.from(tensor.data as Float32Array);
    const least = values.reduce((a, b) => Math.min(a, b));
    const greatest = values.reduce((a, b) => Math.max(a, b));
    expect(least).toBeCloseTo(low, 1);
    expect(greatest).toBeCloseTo(high, 1);
    expect(tensor.type).toBe(name === "bytes" ? "uint8" : "float32");
  });

  test.each(["crop", "letterbox", "stretch"] as const)("%s: the placement finds the spot again", (fit) => {
    // A 20×20 block with its centre at (60, 45) of a dark picture.
    const image = greys(
      120,
      ...Array.from({ length: 120 * 80 }, (_, i) => {
        const [x, y] = [i % 120, Math.floor(i / 120)];
        return x >= 50 && x < 70 && y >= 35 && y < 55 ? 255 : 0;
      }),
    );
    const settings = {
      width: 90,
      height: 60,
      fit,
      cropFraction: 0.8,
      channels: "gray",
      color: [0, 0, 0],
    } as const;
    const { tensor, placement } = preprocess(image, settings, fit === "stretch" ? { width: 50 } : {});
    const width = tensor.dims[3] as number;
    let [sum, sumX, sumY] = [0, 0, 0];
    for (const [i, value] of (tensor.data as Float32Array).entries()) {
      sum += value;
      sumX += value * ((i % width) + 0.5);
      sumY += value * (Math.floor(i / width) + 0.5);
    }
    const [x, y] = toImage([sumX / sum, sumY / sum, 0, 0], placement, { format: "xywh" });
    expect(x).toBeCloseTo(60, 0);
    expect(y).toBeCloseTo(45, 0);
    expect(sum / (placement.scaleX * placement.scaleY)).toBeCloseTo(400, -1);
  });

  test("takes its settings from name, object and overrides", () => {
    expect(preprocess(greys(1, 255), "unit", { width: 3, height: 2 }).tensor.dims).toEqual([1, 3, 2, 3]);
    expect(preprocess(greys(1, 255), { ...presets.mnist, scale: -1 / 255, mean: -1 }).tensor.data[0]).toBe(0);
    expect(() => preprocess(greys(1, 1), "imagnet" as PresetName)).toThrow(
      'preset "imagnet": expected one of imagenet, ',
    );
    expect(() => preprocess(greys(1, 1), "toString" as PresetName)).toThrow(UsageError);
    expect(() => preprocess(greys(1, 1), "unit", { fit: "fill" as never })).toThrow(
      /fit must be one of .*"fill"/,
    );
    expect(() => preprocess(greys(1, 1), "imagenet", { cropFraction: 0 })).toThrow(
      /cropFraction must be .*, got 0/,
    );
  });
});

describe("preprocessFor", () => {
  const dimsFor = (dims: (number | string | null)[], preset: PresetName) =>
    preprocessFor(pattern(9, 7), dims, preset).tensor.dims;

  test("follows the model's input", () => {
    expect(dimsFor([1, 3, 96, 128], "imagenet")).toEqual([1, 3, 96, 128]);
    expect(dimsFor([1, 96, 128, 3], "imagenet")).toEqual([1, 96, 128, 3]);
    expect(dimsFor(["batch", 3, "height", "width"], "yolo")).toEqual([1, 3, 640, 640]);
    expect(dimsFor([-1, 3, 320, null], "yolo")).toEqual([1, 3, 320, 640]);
    expect(dimsFor([1, 1, 28, 28], "unit")).toEqual([1, 1, 28, 28]);
    expect(dimsFor([1, 32, 32, 3], "mnist")).toEqual([1, 32, 32, 3]);
    expect(dimsFor(["n", "h", "w", "c"], "blazeface")).toEqual([1, 128, 128, 3]);
  });

  test("overrides win", () => {
    const { tensor } = preprocessFor(pattern(9, 7), [1, 3, "h", "w"], "unit", { width: 5, height: 4 });
    expect(tensor.dims).toEqual([1, 3, 4, 5]);
  });

  test("refuses inputs that are no picture's", () => {
    expect(() => dimsFor([1, 784], "mnist")).toThrow(
      "a picture needs an input of 4 dims, the model takes [1, 784]",
    );
    expect(() => dimsFor([1, 16, 8, 8], "unit")).toThrow(ShapeError);
    expect(() => dimsFor([4, 3, 8, 8], "unit")).toThrow("4 pictures at once");
    expect(() => dimsFor([1, 1, 8, 8], "imagenet")).toThrow("mean has 3 values for 1 channel (gray)");
  });
});

describe("photos", () => {
  const folder = photos();

  // Size and mean colour as Pillow decodes them; jpeg-js repeats chroma where libjpeg smooths it.
  test.skipIf(folder === undefined).each([
    ["grace_hopper.jpg", 517, 606, [82.588, 72.432, 86.369]],
    ["elephants.jpg", 660, 495, [115.06, 117.48, 74.278]],
    ["tfjs_cat.jpg", 940, 624, [209.771, 207.768, 208.27]],
    ["imagenet_samples/n02391049_zebra.JPEG", 500, 375, [111.531, 108.553, 96.896]],
  ] as const)(
    `%s looks as in Pillow${folder ? "" : " (skipped: no ../shared/data, set LANEWISE_DATA)"}`,
    async (name, width, height, means) => {
      const image = await readImageFile(join(folder as string, name));
      expect([image.width, image.height]).toEqual([width, height]);
      const { tensor } = preprocess(image, "raw", { width: 1, height: 1, method: "area" });
      for (const [c, mean] of means.entries()) {
        expect(Math.abs((tensor.data[c] as number) - mean)).toBeLessThan(1);
      }
    },
  );
});
