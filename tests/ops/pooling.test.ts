import { describe, expect, it } from "vitest";
import type { AttributeValue } from "../../src/graph/graph.ts";
import { evaluateOp, floats, numbersOf, randomFloats, runLowered, tensorOf } from "./run-op.ts";

const line = floats([1, 1, 5], [1, 2, 3, 4, 5]);
const pooled = (type: string, attributes: Record<string, AttributeValue>, x = line) =>
  numbersOf(evaluateOp(type, [x], { attributes })[0]);

describe("MaxPool", () => {
  it("drops a window that ceil_mode would start in the end padding", () => {
    const attributes = { kernelShape: [1], strides: [2], pads: [0, 1], ceilMode: 1 };
    expect(pooled("MaxPool", { ...attributes, kernelShape: [2] })).toEqual([2, 4, 5]);
    expect(pooled("MaxPool", { ...attributes, strides: [5], kernelShape: [3] })).toEqual([3]);
    expect(pooled("MaxPool", { kernelShape: [2], strides: [2], ceilMode: 0 })).toEqual([2, 4]);
    expect(pooled("MaxPool", { kernelShape: [2], strides: [2], autoPad: "VALID", ceilMode: 1 })).toEqual([
      2, 4, 5,
    ]);
  });

  it("gives indices into the whole of x, row- or column-major", () => {
    const x = floats([2, 1, 2, 3], [1, 9, 3, 4, 5, 6, 12, 8, 3, 4, 11, 6]);
    const indices = (storageOrder: number) =>
      numbersOf(
        evaluateOp("MaxPool", [x], {
          attributes: { kernelShape: [2, 2], storageOrder },
          outputs: ["y", "indices"],
        })[1],
      );
    expect(indices(0)).toEqual([1, 1, 6, 10]);
    expect(indices(1)).toEqual([2, 2, 6, 9]);
  });

  it("keeps int8 and lets no padding win", () => {
    const x = tensorOf("int8", [1, 1, 2], [-100, -128]);
    const [y] = evaluateOp("MaxPool", [x], { attributes: { kernelShape: [3], pads: [1, 1] } });
    expect(y).toMatchObject({ dtype: "int8", data: Int8Array.of(-100, -100) });
  });

  it.each([
    [2, 2, [0, 0], [5]],
    [3, 3, [0, 0], [5]],
    [4, 3, [1, 0], [5]],
    [4, 2, [2, 0], [5]],
    [4, 2, [0, 0], "error"],
    [2, 1, [0, 0], "error"],
  ] as const)(
    "a window of %d in steps of %d over one element with pads [%j]",
    (kernel, stride, pads, expected) => {
      for (const ceilMode of [0, 1]) {
        const attributes = { kernelShape: [kernel], strides: [stride], pads, ceilMode };
        const pool = (type: string) => runLowered(type, [floats([1, 1, 1], [5])], [], { attributes });
        if (expected === "error") {
          expect(() => pool("MaxPool")).toThrow(/does not fit/);
          continue;
        }
        for (const [type, countIncludePad, divisor] of [
          ["MaxPool", 0, 1],
          ["LpPool", 0, 1],
          ["AveragePool", 0, 1],
          ["AveragePool", 1, 1 + pads[0] + pads[1]],
        ] as const) {
          const { actual } = runLowered(type, [floats([1, 1, 1], [5])], [], {
            attributes: { ...attributes, countIncludePad },
          });
          expect(actual[0]?.dims).toEqual([1, 1, expected.length]);
          expect(numbersOf(actual[0])).toEqual(expected.map((value) => Math.fround(value / divisor)));
        }
      }
    },
  );

  it("asks for a window that fits", () => {
    expect(() => pooled("MaxPool", { kernelShape: [7] })).toThrow(/a window of 7/);
    expect(() => pooled("MaxPool", { kernelShape: [2, 2] })).toThrow(/kernel_shape needs 1/);
    expect(() => pooled("MaxPool", { kernelShape: [2], autoPad: "SAME" })).toThrow(/auto_pad/);
  });
});

describe("AveragePool", () => {
  it("counts padding only on request, and never what ceil_mode adds behind it", () => {
    const attributes = { kernelShape: [3], strides: [3], pads: [1, 1], ceilMode: 1 };
    expect(pooled("AveragePool", attributes)).toEqual([1.5, 4]);
    expect(pooled("AveragePool", { ...attributes, countIncludePad: 1 })).toEqual([1, 4]);
    const long = { kernelShape: [4], strides: [3], pads: [1, 1], ceilMode: 1 };
    expect(pooled("AveragePool", long)).toEqual([2, 4]);
    expect(pooled("AveragePool", { ...long, countIncludePad: 1 })).toEqual([1.5, 3]);
    const over = { kernelShape: [5], strides: [4], pads: [1, 1], ceilMode: 1 };
    expect(pooled("AveragePool", { ...over, countIncludePad: 1 })).toEqual([2, 3]);
  });
});

describe("lowered pools", () => {
  it.each([
    [
      "MaxPool",
      "f32_max_pool",
      [2, 5, 7, 6],
      { kernelShape: [3, 2], strides: [2, 2], ceilMode: 1, pads: [1, 0, 1, 1] },
    ],
    ["MaxPool", "f32_max_pool", [1, 5, 9], { kernelShape: [3], dilations: [2], autoPad: "SAME_LOWER" }],
    [
      "AveragePool",
      "f32_average_pool",
      [1, 5, 7, 8],
      { kernelShape: [3, 3], strides: [3, 3], pads: [1, 1, 1, 1], ceilMode: 1, countIncludePad: 1 },
    ],
    [
      "AveragePool",
      "f32_average_pool",
      [1, 5, 7, 8],
      { kernelShape: [3, 3], strides: [2, 3], pads: [1, 1, 1, 1], ceilMode: 1 },
    ],
    [
      "AveragePool",
      "f32_average_pool",
      [1, 3, 10],
      { kernelShape: [2], dilations: [3], autoPad: "SAME_UPPER" },
    ],
    ["LpPool", "f32_lp_pool", [1, 5, 7, 8], { kernelShape: [2, 3], p: 3, pads: [1, 1, 0, 1] }],
    ["GlobalAveragePool", "f32_reduce", [2, 5, 3, 4], {}],
    ["GlobalMaxPool", "f32_reduce", [2, 5, 3, 4, 2], {}],
    ["GlobalLpPool", "f32_reduce", [2, 5, 7], { p: 2 }],
  ] as const)("%s runs as %s on [%s]", (type, kernel, dims, attributes) => {
    const run = runLowered(type, [randomFloats(dims, 5)], [], { attributes });
    expect(run.kernels).toContain(kernel);
    expect(run.actual[0]?.dims).toEqual(run.expected[0]?.dims);
    const actual = numbersOf(run.actual[0]);
    numbersOf(run.expected[0]).forEach((value, i) => {
      expect(actual[i]).toBeCloseTo(value, 5);
    });
  });

  it("a MaxPool with indices runs by its definition", () => {
    const run = runLowered("MaxPool", [randomFloats([1, 2, 4, 4], 5)], [], {
      attributes: { kernelShape: [2, 2] },
      outputs: ["y", "indices"],
    });
    expect(run.kernels).toContain("host");
  });
});

describe("MaxUnpool", () => {
  it("undoes MaxPool where the largest were", () => {
    const x = floats([1, 1, 2, 4], [1, 9, 3, 4, 5, 6, 7, 8]);
    const attributes = { kernelShape: [2, 2], strides: [2, 2] };
    const [y, indices] = evaluateOp("MaxPool", [x], { attributes, outputs: ["y", "indices"] });
    expect(numbersOf(evaluateOp("MaxUnpool", [y, indices], { attributes })[0])).toEqual([
      0, 9, 0, 0, 0, 0, 0, 8,
    ]);
  });
});
