import { onnx } from "onnx-proto";
import { describe, expect, test } from "vitest";
import { resultValue } from "../../src/cli/result-value.ts";
import type { TypedData } from "../../src/dtype.ts";
import { DTypeError, FeedError, InferenceSession, ShapeError, Tensor } from "../../src/index.ts";
import { decodeModel } from "../../src/onnx/decode.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { importModel } from "../../src/onnx/import.ts";
import { type AttributeSpec, type ModelSpec, modelProto, node } from "../support/onnx-model.ts";

const ML = "ai.onnx.ml";
const opset = { "": 17, [ML]: 3 };
const { DataType } = onnx.TensorProto;

const mapType = (keyType: number, elemType: number): onnx.ITypeProto => ({
  mapType: { keyType, valueType: { tensorType: { elemType } } },
});

/** A model whose inputs or outputs have types that the specs of tests cannot say. */
function bytesOf(spec: ModelSpec, types: Readonly<Record<string, onnx.ITypeProto>>): Uint8Array {
  const proto = modelProto(spec);
  for (const value of [...(proto.graph?.input ?? []), ...(proto.graph?.output ?? [])]) {
    const type = types[value.name ?? ""];
    if (type !== undefined) value.type = type;
  }
  return new Uint8Array(onnx.ModelProto.encode(onnx.ModelProto.create(proto)).finish());
}

const create = (spec: ModelSpec, types = {}): Promise<InferenceSession> =>
  InferenceSession.create(bytesOf(spec, types));

const floats = (numbers: readonly number[], dims: readonly number[]) => new Tensor("float32", numbers, dims);

describe("ZipMap", () => {
  const spec = (
    attributes: Record<string, AttributeSpec>,
    dims: readonly (number | string)[] = ["n", 2],
  ) => ({
    inputs: { x: { dtype: "float32", dims } as const },
    nodes: [node("ZipMap", ["x"], ["z"], attributes, ML)],
    outputs: ["z"],
    opset,
  });

  test("a map for each row, by integers or by strings", async () => {
    const x = floats([0.25, 0.75, 1, 0], [2, 2]);
    const byNumber = await create(spec({ classlabels_int64s: [7, -3] }));
    expect(byNumber.outputMetadata).toEqual([{ name: "z", isTensor: false }]);
    const { z } = await byNumber.run({ x });
    expect(z).toEqual([
      new Map([
        [7n, 0.25],
        [-3n, 0.75],
      ]),
      new Map([
        [7n, 1],
        [-3n, 0],
      ]),
    ]);
    const { z: named } = await (await create(spec({ classlabels_strings: ["cat", "dog"] }))).run({ x });
    expect(named).toEqual([
      new Map([
        ["cat", 0.25],
        ["dog", 0.75],
      ]),
      new Map([
        ["cat", 1],
        ["dog", 0],
      ]),
    ]);
  });

  test("one row without a batch, no rows, one class named twice", async () => {
    const row = await (await create(spec({ classlabels_int64s: [1, 2] }, [2]))).run({
      x: floats([3, 4], [2]),
    });
    expect(row.z).toEqual([
      new Map([
        [1n, 3],
        [2n, 4],
      ]),
    ]);
    const none = await (await create(spec({ classlabels_int64s: [1, 2] }))).run({ x: floats([], [0, 2]) });
    expect(none.z).toEqual([]);
    const twice = await (await create(spec({ classlabels_int64s: [1, 1] }))).run({
      x: floats([3, 4], [1, 2]),
    });
    expect(twice.z).toEqual([new Map([[1n, 4]])]);
  });

  test("refuses what is no matrix, other columns, labels of both kinds", async () => {
    const both = { classlabels_int64s: [1, 2], classlabels_strings: ["a", "b"] };
    await expect(create(spec({ classlabels_int64s: [1, 2, 3] }))).rejects.toThrow(ShapeError);
    await expect(create(spec({ classlabels_int64s: [1, 2] }, [1, 1, 2]))).rejects.toThrow(ShapeError);
    await expect(create(spec(both))).rejects.toThrow(/exclude each other/);
  });

  test("a classifier of scikit-learn's, as skl2onnx writes it", async () => {
    const linear = {
      coefficients: { float: [1, -1, -1, 1] },
      intercepts: { float: [0, 0] },
      classlabels_ints: [0, 1],
      post_transform: "SOFTMAX",
    };
    const sequence = { sequenceType: { elemType: mapType(DataType.INT64, DataType.FLOAT) } };
    const session = await create(
      {
        inputs: { X: { dtype: "float32", dims: ["?", 2] } },
        nodes: [
          node("LinearClassifier", ["X"], ["label", "probability_tensor"], linear, ML),
          node("Normalizer", ["probability_tensor"], ["probabilities"], { norm: "L1" }, ML),
          node("Cast", ["label"], ["output_label"], { to: DataType.INT64 }),
          node("ZipMap", ["probabilities"], ["output_probability"], { classlabels_int64s: [0, 1] }, ML),
        ],
        outputs: { output_label: { dtype: "int64", dims: ["?"] }, output_probability: { dtype: "float32" } },
        opset,
      },
      { output_probability: sequence },
    );
    const { output_label: label, output_probability: maps } = await session.run({
      X: floats([2, 1], [1, 2]),
    });
    expect(label?.data).toEqual(BigInt64Array.of(0n));
    const [map] = maps as unknown as [Map<bigint, number>];
    expect(map.get(0n)).toBeCloseTo(1 / (1 + Math.exp(-2)), 5);
    expect((map.get(0n) as number) + (map.get(1n) as number)).toBeCloseTo(1, 6);
    expect(session.outputMetadata.map(({ isTensor }) => isTensor)).toEqual([true, false]);
    expect(resultValue(maps)).toMatchObject({ container: "sequence", values: [{ container: "map" }] });
  });

  test("an entry of the sequence by its position", async () => {
    const one = { ...spec({ classlabels_strings: ["a", "b"] }), outputs: ["m"] };
    const at = { dtype: "int64", dims: [], data: BigInt64Array.of(1n) } as const;
    const nodes = [...one.nodes, node("SequenceAt", ["z", "at"], ["m"])];
    const { m } = await (await create({ ...one, nodes, initializers: { at } })).run({
      x: floats([1, 2, 3, 4], [2, 2]),
    });
    expect(m).toEqual(
      new Map([
        ["a", 3],
        ["b", 4],
      ]),
    );
  });
});

describe("DictVectorizer", () => {
  const run = async (attributes: Record<string, AttributeSpec>, type: onnx.ITypeProto, feed: unknown) => {
    const nodes = [node("DictVectorizer", ["x"], ["y"], attributes, ML)];
    const spec = { inputs: { x: { dtype: "float32" } as const }, nodes, outputs: ["y"], opset };
    const session = await create(spec, { x: type });
    expect(session.inputMetadata).toEqual([{ name: "x", isTensor: false }]);
    const { y } = await session.run({ x: feed as Map<string, number> });
    return [y?.type, y?.dims, Array.from(y?.data as TypedData as Float32Array)];
  };
  const strings = { string_vocabulary: ["b", "a", "c", "a"] };
  const ints = { int64_vocabulary: [10, -1] };

  test("values in the order of the vocabulary, zeros for the rest", async () => {
    const feed = new Map<string, number>([
      ["a", 1.5],
      ["b", 2],
      ["z", 9],
    ]);
    const byName = await run(strings, mapType(DataType.STRING, DataType.FLOAT), feed);
    expect(byName).toEqual(["float32", [1, 4], [2, 1.5, 0, 1.5]]);
    const numbers = new Map<number | bigint, string>([[10, "ten"]]);
    const byNumber = await run(ints, mapType(DataType.INT64, DataType.STRING), numbers);
    expect(byNumber).toEqual(["string", [1, 2], ["ten", ""]]);
    const wide = new Map([[-1n, 2 ** 40]]);
    const longs = await run(ints, mapType(DataType.INT64, DataType.INT64), wide);
    expect(longs).toEqual(["int64", [1, 2], [0n, 2n ** 40n]]);
    expect(await run(ints, mapType(DataType.INT64, DataType.DOUBLE), new Map())).toEqual([
      "float64",
      [1, 2],
      [0, 0],
    ]);
  });

  test("refuses feeds that are no such map", async () => {
    const type = mapType(DataType.STRING, DataType.FLOAT);
    for (const feed of [new Map([[1, 2]]), new Map([["a", "b"]]), { a: 1 }, floats([1], [1]), [["a", 1]], 7])
      await expect(run(strings, type, feed), String(feed)).rejects.toThrow(FeedError);
    await expect(run(ints, type, new Map())).rejects.toThrow(DTypeError);
    await expect(run({}, type, new Map())).rejects.toThrow(ShapeError);
    await expect(run(ints, mapType(DataType.INT64, DataType.INT64), new Map([[1, 0.5]]))).rejects.toThrow(
      FeedError,
    );
  });
});

describe("CastMap", () => {
  const run = async (
    attributes: Record<string, AttributeSpec>,
    elemType: number,
    feed: Map<number, unknown>,
  ) => {
    const nodes = [node("CastMap", ["x"], ["y"], attributes, ML)];
    const spec = { inputs: { x: { dtype: "float32" } as const }, nodes, outputs: ["y"], opset };
    const session = await create(spec, { x: mapType(DataType.INT64, elemType) });
    const { y } = await session.run({ x: feed as Map<number, number> });
    return [y?.type, y?.dims, Array.from(y?.data as TypedData as Float32Array)];
  };
  const feed = new Map([
    [4, 4.75],
    [-2, -2.5],
    [1, 0.5],
  ]);

  test("dense: by ascending key", async () => {
    expect(await run({}, DataType.FLOAT, feed)).toEqual(["float32", [1, 3], [-2.5, 0.5, 4.75]]);
    const longs = await run({ cast_to: "TO_INT64" }, DataType.FLOAT, feed);
    expect(longs).toEqual(["int64", [1, 3], [-2n, 0n, 4n]]);
    const texts = await run({ cast_to: "TO_STRING" }, DataType.FLOAT, feed);
    expect(texts).toEqual(["string", [1, 3], ["-2.500000", "0.500000", "4.750000"]]);
    const parsed = await run(
      {},
      DataType.STRING,
      new Map([
        [1, "2.5"],
        [0, "1e2"],
      ]),
    );
    expect(parsed).toEqual(["float32", [1, 2], [100, 2.5]]);
  });

  test("sparse: each at its key, and what fills the rest", async () => {
    const sparse = { map_form: "SPARSE", max_map: 4 };
    const some = new Map([
      [9, 9],
      [1, 0.5],
    ]);
    expect(await run(sparse, DataType.FLOAT, some)).toEqual(["float32", [1, 4], [0, 0.5, 0, 0]]);
    const texts = await run({ ...sparse, cast_to: "TO_STRING" }, DataType.STRING, new Map([[2, "two"]]));
    expect(texts).toEqual(["string", [1, 4], ["0.f", "0.f", "two", "0.f"]]);
    await expect(run(sparse, DataType.FLOAT, feed)).rejects.toThrow(/negative/);
    await expect(run({ ...sparse, max_map: 0 }, DataType.FLOAT, feed)).rejects.toThrow(ShapeError);
    const words = run({ cast_to: "TO_INT64" }, DataType.STRING, new Map([[0, "word"]]));
    await expect(words).rejects.toThrow(/no integer/);
  });
});

test("types of maps survive export", () => {
  const nodes = [node("ZipMap", ["x"], ["z"], { classlabels_strings: ["a", "b"] }, ML)];
  const spec = { inputs: { x: { dtype: "float32", dims: [1, 2] } as const }, nodes, outputs: ["z"], opset };
  const { graph } = importModel(decodeModel(bytesOf(spec, {})));
  const { graph: again, declared } = importModel(decodeModel(exportModel(graph)));
  expect(again.nodes).toEqual(graph.nodes);
  expect(declared.get("z")).toMatchObject({
    container: "sequence",
    held: "map",
    keys: "string",
    dtype: "float32",
  });
});
