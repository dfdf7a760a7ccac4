import { describe, expect, test } from "vitest";
import type { Codec } from "../src/codec.ts";
import { codecOf, type DType, dtypeInfo } from "../src/dtype.ts";
import { DTypeError } from "../src/errors.ts";
import { graphBuilder } from "../src/nn/build.ts";
import { decodeTensor } from "../src/onnx/decode-tensor.ts";
import { exportModel } from "../src/onnx/export.ts";
import { fromNumbers, toNumbers } from "../src/ops/shared/elements.ts";
import { InferenceSession } from "../src/session.ts";
import { elementCount, Tensor, type TensorData } from "../src/tensor.ts";
import { evaluateOp } from "./ops/run-op.ts";
import { random } from "./support/random.ts";

const FLOATS = [
  "bfloat16",
  "float8e4m3fn",
  "float8e4m3fnuz",
  "float8e5m2",
  "float8e5m2fnuz",
  "float4e2m1",
] as const;
const INTEGERS = ["int4", "uint4", "int2", "uint2"] as const;
const NARROW: readonly DType[] = [...FLOATS, "float8e8m0", ...INTEGERS];

const codec = (dtype: DType): Codec => codecOf(dtype) as Codec;
const allBits = (dtype: DType): number[] => Array.from({ length: 2 ** dtypeInfo[dtype].bits }, (_, i) => i);
const cast = (values: readonly number[], dtype: DType, saturate = true, roundMode = "up"): number[] =>
  values.map((value) => codec(dtype).decode(codec(dtype).encode(value, { saturate, roundMode })));

describe("bits of narrow floats", () => {
  test.each([...FLOATS, "float8e8m0"] as const)("%s: each number comes back to its bits", (dtype) => {
    for (const bits of allBits(dtype)) {
      const value = codec(dtype).decode(bits);
      const back = codec(dtype).encode(value, { saturate: false, roundMode: "up" });
      if (Number.isNaN(value)) expect(codec(dtype).decode(back)).toBeNaN();
      else expect(back).toBe(bits);
    }
  });

  test.each(FLOATS)("%s: anything between rounds to the nearest, ties to even bits", (dtype) => {
    const finite = allBits(dtype)
      .map((bits) => ({ bits, value: codec(dtype).decode(bits) }))
      .filter(({ value }) => Number.isFinite(value) && value >= 0 && !Object.is(value, -0))
      .sort((a, b) => a.value - b.value);
    for (const [i, low] of finite.slice(0, -1).entries()) {
      const high = finite[i + 1] as { bits: number; value: number };
      const middle = (low.value + high.value) / 2;
      const step = (high.value - low.value) / 64;
      expect(codec(dtype).encode(middle - step)).toBe(low.bits);
      expect(codec(dtype).encode(middle + step)).toBe(high.bits);
      expect(codec(dtype).encode(middle)).toBe(low.bits % 2 === 0 ? low.bits : high.bits);
    }
  });

  // The tables of https://onnx.ai/onnx/technical/float8.html and float4.html.
  const odd = [Number.NaN, Infinity, -Infinity, 1e9, -1e9, 0];
  test.each([
    ["float8e4m3fn", true, [Number.NaN, 448, -448, 448, -448, 0]],
    ["float8e4m3fnuz", true, [Number.NaN, 240, -240, 240, -240, 0]],
    ["float8e5m2", true, [Number.NaN, 57344, -57344, 57344, -57344, 0]],
    ["float8e5m2fnuz", true, [Number.NaN, 57344, -57344, 57344, -57344, 0]],
    ["float8e4m3fn", false, [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0]],
    ["float8e4m3fnuz", false, [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0]],
    ["float8e5m2", false, [Number.NaN, Infinity, -Infinity, Infinity, -Infinity, 0]],
    ["float8e5m2fnuz", false, [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0]],
    ["float4e2m1", true, [6, 6, -6, 6, -6, 0]],
    ["bfloat16", true, [Number.NaN, Infinity, -Infinity, 998244352, -998244352, 0]],
  ] as const)("%s, saturating: %s: what does not fit", (dtype, saturate, expected) => {
    expect(cast(odd, dtype, saturate)).toEqual(expected);
  });

  test("zero keeps its sign where there is one", () => {
    expect(cast([-0], "float8e4m3fn")).toEqual([-0]);
    expect(cast([-0], "float8e4m3fnuz")).toEqual([0]);
    expect(cast([-1e-30], "float8e5m2fnuz")).toEqual([0]);
    expect(cast([-0], "float4e2m1")).toEqual([-0]);
  });

  test("float8e8m0 holds powers of two, rounded as round_mode says", () => {
    const values = [1, 1.25, 1.5, 3.9, 2 ** -127, 2 ** -130];
    expect(cast(values, "float8e8m0", true, "up")).toEqual([1, 2, 2, 4, 2 ** -127, 2 ** -127]);
    expect(cast(values, "float8e8m0", true, "down")).toEqual([1, 1, 1, 2, 2 ** -127, 2 ** -127]);
    expect(cast(values, "float8e8m0", true, "nearest")).toEqual([1, 1, 2, 4, 2 ** -127, 2 ** -127]);
    expect(cast([0, Infinity, 2 ** 128, -1, Number.NaN], "float8e8m0")).toEqual([
      2 ** -127,
      2 ** 127,
      2 ** 127,
      Number.NaN,
      Number.NaN,
    ]);
    expect(cast([0, Infinity, 2 ** 128], "float8e8m0", false, "nearest")).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });
});

test("4-bit and 2-bit integers are cut towards zero and wrap", () => {
  const values = [-9, -1.5, 0, 3.9, 8, 17];
  expect(cast(values, "int4")).toEqual([7, -1, 0, 3, -8, 1]);
  expect(cast(values, "uint4")).toEqual([7, 15, 0, 3, 8, 1]);
  expect(cast(values, "int2")).toEqual([-1, -1, 0, -1, 0, 1]);
  expect(cast(values, "uint2")).toEqual([3, 3, 0, 3, 0, 1]);
});

/** Elements of every kind that the dtype has, but for NaN. */
function sample(dtype: DType, dims: readonly number[], seed = 5): TensorData {
  const next = random(seed).next;
  return fromNumbers(
    dtype,
    dims,
    Array.from({ length: elementCount(dims) }, () => Math.floor(next() * 16) - 8),
  );
}

describe("in files", () => {
  test.each(NARROW)(
    "%s goes out and comes in again, packed where it is narrower than a byte",
    async (dtype) => {
      const { constant, node, output, finish } = graphBuilder({ name: "narrow", opset: 25 });
      const tensor = sample(dtype, [3, 5]);
      output(node("Identity", [constant("c", tensor)], {}, { outputs: ["y"] }));
      using session = await InferenceSession.create(exportModel(finish()));
      const { y } = await session.run({});
      expect(y).toMatchObject({ type: dtype, dims: [3, 5], data: tensor.data });
    },
  );

  test.each([
    ["int4", 22, [0xf1, 0x08], [1, -1, -8]],
    ["uint4", 21, [0xf1, 0x08], [1, 15, 8]],
    ["int2", 26, [0b11_10_01_00, 0b10], [0, 1, -2, -1, -2]],
    ["uint2", 25, [0b11_10_01_00, 0b10], [0, 1, 2, 3, 2]],
    ["float4e2m1", 23, [0x71, 0x0a], [0.5, 6, -1]],
    ["float8e4m3fn", 17, [0x38, 0xb8], [1, -1]],
    ["bfloat16", 16, [0x3f80, 0xc000], [1, -2]],
  ] as const)("%s out of int32_data: the first element in the lowest bits", (_, dataType, words, numbers) => {
    const model = decodeTensor({ dataType, dims: [numbers.length], int32Data: [...words] }, "t");
    if (model.kind !== "data") throw new Error("no data");
    expect(Array.from(toNumbers(model.tensor))).toEqual(numbers);
  });

  test("too few bytes are told from enough", () => {
    const proto = { dataType: 22, dims: [5], rawData: Uint8Array.of(1, 2) };
    expect(() => decodeTensor(proto, "weights")).toThrow(
      "weights: dims [5] of int4 need 3 bytes, there are 2",
    );
  });
});

describe.each(["all", "disabled"] as const)("in graphs, at %s", (graphOptimizationLevel) => {
  test.each(NARROW)("%s is moved as it is", async (dtype) => {
    const { input, constant, node, output, finish } = graphBuilder({ name: "moves", opset: 25 });
    const x = input("x", dtype, [2, 3, 4]);
    const turned = node("Transpose", [x], { perm: [2, 0, 1] });
    const joined = node("Concat", [turned, turned], { axis: 1 });
    const shape = constant("shape", { dtype: "int64", dims: [2], data: BigInt64Array.of(4n, 12n) });
    output(node("Reshape", [joined, shape], {}, { outputs: ["y"] }));
    using session = await InferenceSession.create(exportModel(finish()), { graphOptimizationLevel });
    const { dims, data } = sample(dtype, [2, 3, 4]);
    const { y } = await session.run({ x: new Tensor(dtype, data, dims) });
    const expected = Array.from({ length: 48 }, (_, i) => data[(i % 6) * 4 + Math.floor(i / 12)]);
    expect(y?.type).toBe(dtype);
    expect(Array.from(y?.data as ArrayLike<unknown>)).toEqual(expected);
  });

  test("weights in 4 bits, dequantised in blocks, feed a MatMul", async () => {
    const { input, constant, node, output, finish } = graphBuilder({ name: "blocks", opset: 25 });
    const x = input("x", "float32", [1, 4]);
    const packed = sample("int4", [4, 3]);
    const scale = fromNumbers("float32", [2, 3], [1, 2, 4, 0.5, 0.25, 8]);
    const weight = node("DequantizeLinear", [constant("w", packed), constant("s", scale)], {
      axis: 0,
      blockSize: 2,
    });
    output(node("MatMul", [x, weight], {}, { outputs: ["y"] }));
    using session = await InferenceSession.create(exportModel(finish()), { graphOptimizationLevel });
    const { y } = await session.run({ x: new Tensor("float32", Float32Array.of(1, 10, 100, 1000), [1, 4]) });
    const w = Array.from(toNumbers(packed));
    const s = Array.from(scale.data);
    const expected = [0, 1, 2].map((c) =>
      [0, 1, 2, 3].reduce(
        (sum, r) => sum + 10 ** r * (w[r * 3 + c] as number) * (s[(r >> 1) * 3 + c] as number),
        0,
      ),
    );
    expect(Array.from(y?.data as Float32Array)).toEqual(expected);
  });

  test("a bfloat16 convolution computes in float32 and gives bfloat16", async () => {
    const { input, constant, node, output, finish } = graphBuilder({ name: "half", opset: 22 });
    const x = input("x", "bfloat16", [1, 2, 5, 5]);
    const weight = sample("bfloat16", [3, 2, 3, 3], 2);
    const conv = node("Conv", [x, constant("w", weight)], { pads: [1, 1, 1, 1] });
    output(node("Relu", [conv], {}, { outputs: ["y"] }));
    using session = await InferenceSession.create(exportModel(finish()), { graphOptimizationLevel });
    const image = sample("bfloat16", [1, 2, 5, 5], 3);
    const { y } = await session.run({ x: new Tensor("bfloat16", image.data, image.dims) });
    const [product] = evaluateOp("Conv", [image, weight], { attributes: { pads: [1, 1, 1, 1] } });
    const [expected] = evaluateOp("Relu", [product as TensorData]);
    expect(y).toMatchObject({ type: "bfloat16", data: expected?.data });
  });
});

describe("what ONNX does not calculate with", () => {
  test.each([
    ["Add", 2],
    ["MatMul", 2],
    ["Relu", 1],
    ["ReduceSum", 1],
    ["Conv", 2],
    ["Resize", 1],
    ["TopK", 1],
    ["Softmax", 1],
    ["Max", 2],
  ] as const)("%s of 8-bit floats or 4-bit integers is a typed error", (op, count) => {
    for (const dtype of ["float8e5m2", "int4"] as const) {
      const x = sample(dtype, [1, 1, 4, 4]);
      expect(() => evaluateOp(op, new Array(count).fill(x))).toThrow(DTypeError);
    }
  });
});
