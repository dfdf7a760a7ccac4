import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float16ToNumber } from "../../src/dtype.ts";
import { ShapeError, UsageError } from "../../src/errors.ts";
import { Tensor } from "../../src/tensor.ts";
import { fromTensor, presets, toTensor } from "../../src/vision/index.ts";
import { greys, hash, pattern } from "./pattern.ts";

const two = { width: 2, height: 1, data: Uint8Array.of(10, 20, 30, 255, 40, 50, 60, 255) };
const bytes = { scale: 1 } as const;

describe("toTensor", () => {
  test("lays channels first or last, in either order", () => {
    expect(toTensor(two, bytes)).toMatchObject({ type: "float32", dims: [1, 3, 1, 2] });
    expect([...(toTensor(two, bytes).data as Float32Array)]).toEqual([10, 40, 20, 50, 30, 60]);
    expect([...(toTensor(two, { ...bytes, channels: "BGR" }).data as Float32Array)]).toEqual([
      30, 60, 20, 50, 10, 40,
    ]);
    const last = toTensor(two, { ...bytes, layout: "NHWC", channels: "BGR" });
    expect(last.dims).toEqual([1, 1, 2, 3]);
    expect([...(last.data as Float32Array)]).toEqual([30, 20, 10, 60, 50, 40]);
  });

  test("normalises byte × scale less mean over std, per channel", () => {
    const one = { width: 1, height: 1, data: Uint8Array.of(255, 0, 51, 255) };
    const options = { mean: [0.5, 0.25, 0], std: [0.5, 0.5, 2] };
    expect([...(toTensor(one, options).data as Float32Array)]).toEqual([1, -0.5, Math.fround(0.1)]);
    expect([...(toTensor(one, { scale: 1, mean: 127, std: 128 }).data as Float32Array)]).toEqual([
      1,
      -127 / 128,
      -76 / 128,
    ]);
    expect([...(toTensor(one).data as Float32Array)]).toEqual([1, 0, Math.fround(0.2)]);
  });

  test("grey is Pillow's luma, byte for byte", () => {
    const grey = toTensor(pattern(13, 7), { dtype: "uint8", channels: "gray" });
    expect(grey.dims).toEqual([1, 1, 7, 13]);
    expect(hash(grey.data as Uint8Array)).toBe(2786812338);
  });

  test("makes uint8 and float16", () => {
    expect([...(toTensor(two, { dtype: "uint8" }).data as Uint8Array)]).toEqual([10, 40, 20, 50, 30, 60]);
    const clamped = toTensor(two, { dtype: "uint8", scale: 10, mean: 150 });
    expect([...(clamped.data as Uint8Array)]).toEqual([0, 250, 50, 255, 150, 255]);
    const half = toTensor(two, { dtype: "float16", scale: 1, std: 8 });
    expect(half.type).toBe("float16");
    expect(Array.from(half.data as Uint16Array, float16ToNumber)).toEqual([1.25, 5, 2.5, 6.25, 3.75, 7.5]);
  });

  test("resizes, drops alpha, takes a background", () => {
    const clear = { width: 2, height: 2, data: new Uint8Array(16) };
    expect(toTensor(clear, { width: 5, height: 3 }).dims).toEqual([1, 3, 3, 5]);
    expect(toTensor(clear, { height: 3 }).dims).toEqual([1, 3, 3, 2]);
    expect(new Set(toTensor(clear, { background: [255, 255, 255] }).data as Float32Array)).toEqual(
      new Set([1]),
    );
  });

  test("stacks a batch", () => {
    const batch = toTensor([greys(2, 1, 2), greys(2, 3, 4)], { ...bytes, channels: "gray" });
    expect(batch.dims).toEqual([2, 1, 1, 2]);
    expect([...(batch.data as Float32Array)]).toEqual([1, 2, 3, 4]);
    expect(() => toTensor([greys(2, 1, 2), greys(1, 3, 4)])).toThrow(ShapeError);
    expect(() => toTensor([])).toThrow(UsageError);
  });

  test("names unusable options", () => {
    expect(() => toTensor(two, { mean: [1, 2] })).toThrow("mean has 2 values for 3 channels (RGB)");
    expect(() => toTensor(two, { channels: "gray", std: [1, 2, 3] })).toThrow(
      "std has 3 values for 1 channel (gray)",
    );
    expect(() => toTensor(two, { std: 0 })).toThrow(UsageError);
    expect(() => toTensor(two, { scale: Number.NaN })).toThrow(UsageError);
    expect(() => toTensor(two, { layout: "HWC" as never })).toThrow(/layout must be one of .*"HWC"/);
    expect(() => toTensor(two, { dtype: "int8" as never })).toThrow(/dtype must be one of .*"int8"/);
    expect(() => toTensor(two, { channels: "RGBA" as never })).toThrow(/channels must be one of .*"RGBA"/);
    expect(() => toTensor(two, { width: -1 })).toThrow(UsageError);
  });
});

describe("fromTensor", () => {
  test("undoes toTensor for every layout, order, dtype and preset", () => {
    const options = fc.record({
      layout: fc.constantFrom("NCHW", "NHWC"),
      channels: fc.constantFrom("RGB", "BGR"),
      dtype: fc.constantFrom("float32", "float16"),
    });
    const preset = fc.constantFrom(presets.imagenet, presets.imagenetCaffe, presets.signed, presets.raw, {});
    const side = fc.integer({ min: 2, max: 9 });
    fc.assert(
      fc.property(side, side, options, preset, (width, height, options, preset) => {
        const { scale, mean, std } = preset as { scale?: number; mean?: number; std?: number };
        const numbers = { ...(scale && { scale }), ...(mean && { mean }), ...(std && { std }), ...options };
        const image = pattern(width, height);
        const back = fromTensor(toTensor(image, numbers), numbers);
        expect([back.width, back.height]).toEqual([width, height]);
        expect([...back.data]).toEqual([...image.data]);
      }),
    );
    const image = pattern(6, 4);
    expect([...fromTensor(toTensor(image, { dtype: "uint8" })).data]).toEqual([...image.data]);
  });

  test("tells the layout from the dims", () => {
    const sizes = (dims: number[]) => {
      const { width, height } = fromTensor(
        new Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b, 1)), dims),
      );
      return [width, height];
    };
    expect(sizes([1, 3, 4, 5])).toEqual([5, 4]);
    expect(sizes([1, 4, 5, 3])).toEqual([5, 4]);
    expect(sizes([1, 4, 5, 1])).toEqual([5, 4]);
    expect(sizes([3, 4, 5])).toEqual([5, 4]);
    expect(sizes([4, 5, 3])).toEqual([5, 4]);
    expect(sizes([4, 5])).toEqual([5, 4]);
    expect(sizes([1, 3, 4, 3])).toEqual([3, 4]);
  });

  test("picks one of a batch, repeats grey, stretches a range", () => {
    const tensor = new Tensor("float32", Float32Array.of(9, 9, -1, 3), [2, 1, 1, 2]);
    expect([...fromTensor(tensor, { index: 1, range: "auto" }).data]).toEqual([
      0, 0, 0, 255, 255, 255, 255, 255,
    ]);
    expect([...fromTensor(tensor, { index: 1, range: [3, -1] }).data]).toEqual([
      255, 255, 255, 255, 0, 0, 0, 255,
    ]);
    expect([...fromTensor(tensor, { range: "auto" }).data]).toEqual([0, 0, 0, 255, 0, 0, 0, 255]);
    expect([...fromTensor(new Tensor("float32", Float32Array.of(Number.NaN, 2), [1, 2])).data]).toEqual([
      0, 0, 0, 255, 255, 255, 255, 255,
    ]);
    expect([
      ...fromTensor(new Tensor("int64", BigInt64Array.of(1n, 0n), [1, 2])).data.filter(
        (_, at) => at % 4 === 0,
      ),
    ]).toEqual([255, 0]);
  });

  test("refuses what is no picture", () => {
    const tensor = (dims: number[]) =>
      new Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);
    expect(() => fromTensor(tensor([1, 5, 4, 4]))).toThrow(ShapeError);
    expect(() => fromTensor(tensor([10]))).toThrow("got [10]");
    expect(() => fromTensor(tensor([1, 1, 1, 3, 3]))).toThrow(ShapeError);
    expect(() => fromTensor(tensor([1, 4, 4, 3]), { layout: "NCHW" })).toThrow(ShapeError);
    expect(() => fromTensor(tensor([1, 3, 0, 3]))).toThrow(UsageError);
    expect(() => fromTensor(tensor([2, 3, 4, 4]), { index: 2 })).toThrow(
      "index 2: the tensor holds 2 pictures",
    );
    expect(() => fromTensor(tensor([4, 4]), { range: [1, 1] })).toThrow(UsageError);
    expect(() => fromTensor(new Tensor("string", ["a"], [1, 1]))).toThrow(UsageError);
  });
});
