import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createBatch } from "../../../src/train/data/dataset.ts";
import { readIdx } from "../../../src/train/data/idx.ts";
import { mnist } from "../../../src/train/data/mnist.ts";
import { dataPath } from "../../support/data.ts";

const file = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

describe("IDX", () => {
  test.each([
    ["uint8", file(0, 0, 8, 1, 0, 0, 0, 2, 1, 255), [1, 255]],
    ["int8", file(0, 0, 9, 1, 0, 0, 0, 2, 1, 255), [1, -1]],
    ["int16", file(0, 0, 11, 1, 0, 0, 0, 2, 1, 2, 255, 254), [258, -2]],
    ["int32", file(0, 0, 12, 1, 0, 0, 0, 1, 255, 255, 255, 254), [-2]],
    ["float32", file(0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0), [1.5]],
    ["float64", file(0, 0, 14, 1, 0, 0, 0, 1, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0), [1.5]],
  ])("%s", async (_, bytes, expected) => {
    for (const form of [bytes, new Uint8Array(gzipSync(bytes))]) {
      const { dims, data } = await readIdx(form);
      expect(dims).toEqual([expected.length]);
      expect([...data]).toEqual(expected);
    }
  });

  test.each([
    ["no bytes", file(), "not an IDX file"],
    ["another file", file(0x89, 0x50, 0x4e, 0x47, 0, 0), "not an IDX file"],
    ["an unknown type", file(0, 0, 10, 1, 0, 0, 0, 0), "element type 0xa"],
    ["cut in the dims", file(0, 0, 8, 2, 0, 0, 0, 1, 0), "ends within its 2 dims"],
    ["short", file(0, 0, 8, 1, 0, 0, 0, 3, 1, 2), "need 11 bytes, the file has 10"],
    ["long", file(0, 0, 8, 1, 0, 0, 0, 1, 1, 2), "need 9 bytes, the file has 10"],
    ["huge", file(0, 0, 14, 2, 255, 255, 255, 255, 255, 255, 255, 255), "the file has 12"],
    ["cut gzip", new Uint8Array(gzipSync(new Uint8Array(1000))).subarray(0, 15), "gzip"],
  ])("%s is refused", async (_, bytes, message) => {
    const reading = readIdx(bytes, "here");
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ code: "ERR_DATA", source: "here" });
  });
});

test("MNIST has its images and labels, in both scalings", async (context) => {
  const bytes = (name: string): Uint8Array => readFileSync(dataPath(context, "mnist", `${name}-ubyte.gz`));
  const files = {
    trainImages: bytes("train-images-idx3"),
    trainLabels: bytes("train-labels-idx1"),
    testImages: bytes("t10k-images-idx3"),
    testLabels: bytes("t10k-labels-idx1"),
  };
  const { train, test } = await mnist(files);
  expect([train.length, test.length, train.inputDims]).toEqual([60000, 10000, [1, 28, 28]]);
  const unit = createBatch(train, 1);
  const histogram = new Array<number>(10).fill(0);
  for (let i = 0; i < train.length; i++) {
    train.read(i, unit, 0, 0);
    const label = unit.y[0] as number;
    histogram[label] = (histogram[label] as number) + 1;
  }
  expect(histogram).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);

  const lenet = createBatch((await mnist(files, { scaling: "lenet" })).test, 1);
  const large = (await mnist(files, { scaling: "lenet" })).test;
  large.read(0, lenet, 0, 0);
  test.read(0, unit, 0, 0);
  expect(unit.y[0]).toBe(7);
  expect(Math.max(...unit.x)).toBeLessThanOrEqual(1);
  for (let y = 0; y < 32; y++)
    for (let x = 0; x < 32; x++) {
      const inside = y >= 2 && y < 30 && x >= 2 && x < 30;
      const ink = inside ? (unit.x[(y - 2) * 28 + x - 2] as number) : 0;
      expect(lenet.x[y * 32 + x]).toBeCloseTo(ink * 1.275 - 0.1, 5);
    }
});
