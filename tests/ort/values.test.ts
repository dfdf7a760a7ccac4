import * as node from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import type { DType } from "../../src/dtype.ts";
import * as ort from "../../src/ort/index.ts";
import * as onnx from "../support/onnx-model.ts";
import { identityModel } from "./identity.ts";
import { floatsOf } from "./implementations.ts";

const elements = (data: ort.Tensor.DataType): unknown[] =>
  Array.isArray(data) ? data : Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

const VALUES: readonly (readonly [ort.Tensor.Type, ort.Tensor.DataType])[] = [
  ["float32", Float32Array.of(1.5, -2, 0, Number.NaN)],
  ["float64", Float64Array.of(1.5, -2, 0, 1e300)],
  ["float16", Uint16Array.of(0x3c00, 0xc000, 0, 0x7c00)],
  ["int8", Int8Array.of(-128, -1, 0, 127)],
  ["uint8", Uint8Array.of(0, 1, 128, 255)],
  ["int16", Int16Array.of(-32768, -1, 0, 32767)],
  ["uint16", Uint16Array.of(0, 1, 2, 65535)],
  ["int32", Int32Array.of(-(2 ** 31), -1, 0, 2 ** 31 - 1)],
  ["uint32", Uint32Array.of(0, 1, 2, 2 ** 32 - 1)],
  ["int64", BigInt64Array.of(-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n)],
  ["uint64", BigUint64Array.of(0n, 1n, 2n, 2n ** 64n - 1n)],
  ["bool", Uint8Array.of(0, 1, 1, 0)],
  ["string", ["", "a", "ß", "\u{1f600}"]],
];

describe("a value of type", () => {
  test.each(VALUES)("%s goes in and comes out as in onnxruntime", async (type, data) => {
    const bytes = identityModel(type as DType, [2, "n"]);
    const through = async ({ InferenceSession, Tensor }: typeof ort) => {
      const session = await InferenceSession.create(bytes);
      const { y } = await session.run({ x: new Tensor(type, data, [2, 2]) });
      const { type: declared, shape } = session.outputMetadata[0] as ort.TensorMetadata;
      return {
        declared,
        shape,
        type: y?.type,
        dims: y?.dims,
        data: elements(y?.data as ort.Tensor.DataType),
      };
    };
    expect(await through(ort)).toEqual(await through(node as unknown as typeof ort));
  });

  test.each(VALUES)("%s fills a tensor that is given for it", async (type, data) => {
    const session = await ort.InferenceSession.create(identityModel(type as DType, [2, 2]));
    const empty = Array.isArray(data)
      ? ["", "", "", ""]
      : new (data.constructor as Float32ArrayConstructor)(4);
    const y = new ort.Tensor(type, empty, [2, 2]);
    const given = y.data;
    await session.run({ x: new ort.Tensor(type, data, [2, 2]) }, { y });
    expect(y.data).toBe(given);
    expect(elements(y.data)).toEqual(elements(data));
  });

  test.each(["int4", "uint4"] as const)("%s goes in and comes out two a byte", async (type) => {
    const session = await ort.InferenceSession.create(identityModel(type, [3]));
    const packed = Uint8Array.of(0xf1, 0x08);
    const x = new ort.Tensor(type, packed as never, [3]);
    const { y } = await session.run({ x });
    expect([y?.type, y?.dims, elements(y?.data as Uint8Array)]).toEqual([type, [3], [0xf1, 0x08]]);
    const given = new ort.Tensor(type, new Uint8Array(2) as never, [3]);
    await session.run({ x }, { y: given });
    expect(elements(given.data)).toEqual([0xf1, 0x08]);
  });

  test.each([
    ["int4", [1, -1, -8]],
    ["uint4", [1, 15, 8]],
  ] as const)("%s is cast to the numbers that it stands for", async (type, expected) => {
    const bytes = onnx.model({
      inputs: { x: { dtype: type, dims: [3] } },
      outputs: { y: { dtype: "float32", dims: [3] } },
      nodes: [onnx.node("Cast", ["x"], ["y"], { to: 1 })],
      opset: 21,
      irVersion: 10,
    });
    const session = await ort.InferenceSession.create(bytes);
    const { y } = await session.run({ x: new ort.Tensor(type, Uint8Array.of(0xf1, 0x08) as never, [3]) });
    expect(floatsOf(y)).toEqual(expected);
  });

  test("without elements goes in and comes out", async () => {
    const session = await ort.InferenceSession.create(identityModel("float32", [2, "n"]));
    const { y } = await session.run({ x: new ort.Tensor("float32", [], [2, 0]) });
    expect([y?.dims, y?.size]).toEqual([[2, 0], 0]);
  });
});

test("a tensor of a pinned buffer goes in and is filled", async () => {
  const session = await ort.InferenceSession.create(identityModel("float32", [2]));
  const x = ort.Tensor.fromPinnedBuffer("float32", Float32Array.of(1, 2));
  const y = ort.Tensor.fromPinnedBuffer("float32", new Float32Array(2));
  const results = await session.run({ x }, { y });
  expect(results.y).toBe(y);
  expect(floatsOf(y)).toEqual([1, 2]);
});

test("a tensor on a GPU is no input", async () => {
  const session = await ort.InferenceSession.create(identityModel("float32", [2]));
  const x = ort.Tensor.fromGpuBuffer({ size: 8 } as never, { dims: [2] });
  await expect(session.run({ x })).rejects.toThrow('invalid data location: gpu-buffer for input "x"');
});

test("an output that onnxruntime-common has no values for is refused, others are had", async () => {
  const bytes = onnx.model({
    inputs: { x: { dtype: "float32", dims: [2] } },
    outputs: {
      narrow: { dtype: "bfloat16", dims: [2] },
      list: { dtype: "float32", dims: [2], container: "sequence" },
      y: { dtype: "float32", dims: [2] },
    },
    nodes: [
      onnx.node("Cast", ["x"], ["narrow"], { to: 16 }),
      onnx.node("SequenceConstruct", ["x"], ["list"]),
      onnx.node("Neg", ["x"], ["y"]),
    ],
  });
  const session = await ort.InferenceSession.create(bytes);
  const x = new ort.Tensor("float32", [1, 2]);
  expect(session.outputMetadata[1]).toEqual({ name: "list", isTensor: false });
  await expect(session.run({ x }, ["narrow"])).rejects.toThrow('output "narrow" is bfloat16');
  await expect(session.run({ x }, ["list"])).rejects.toThrow('output "list" is not a tensor');
  expect(floatsOf((await session.run({ x }, ["y"])).y)).toEqual([-1, -2]);
});
