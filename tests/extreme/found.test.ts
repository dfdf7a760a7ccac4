import { describe, expect, test } from "vitest";
import { DTypeError, InferenceSession, ShapeError, UnsupportedOperatorError } from "../../src/index.ts";
import { Tensor, type TensorData } from "../../src/tensor.ts";
import { type Case, longs, numbers, operatorCase } from "../differential/operators/case.ts";
import { type AttributeSpec, float, model, node, type TypeSpec } from "../support/onnx-model.ts";
import { seeds } from "./seeds.ts";

type Attributes = Readonly<Record<string, AttributeSpec>>;

const cases = seeds();
const strings = (...values: string[]) => values;

/** The seed of an operator with other attributes. */
function changed(op: string, attributes: Attributes): Case {
  const given = cases.find(({ spec }) => spec.nodes[0]?.op === op) as Case;
  const nodes = given.spec.nodes.map((one) => ({ ...one, attributes: { ...one.attributes, ...attributes } }));
  return { ...given, spec: { ...given.spec, nodes } };
}

async function run({ spec, feeds }: Case): Promise<Record<string, TensorData>> {
  const session = await InferenceSession.create(model(spec));
  const tensors = Object.entries(feeds).map(([name, { dtype, data, dims }]) => [
    name,
    new Tensor(dtype, data, dims),
  ]);
  return session.runSync(Object.fromEntries(tensors)) as Record<string, TensorData>;
}

const image = numbers("float32", [1, 1, 2, 2], [1, 2, 3, 4]);
const region = numbers("float32", [1, 4], [0, 0, 1, 1]);

describe("attributes that asked for endless work, or for what is not there, are ShapeErrors", () => {
  test.each<[string, Attributes]>([
    ["SVMRegressor", { n_supports: 2 ** 32 + 1 }],
    ["SVMRegressor", { n_supports: -1 }],
    ["SVMClassifier", { vectors_per_class: [2 ** 31, 1] }],
    ["SVMClassifier", { vectors_per_class: [-1, 3] }],
    ["TfIdfVectorizer", { ngram_counts: [0, 2 ** 53] }],
    ["TfIdfVectorizer", { ngram_counts: [-(2 ** 62), 3] }],
    ["TreeEnsembleClassifier", { class_ids: [2 ** 31, 2 ** 30] }],
    ["TreeEnsembleRegressor", { target_ids: [2 ** 31, -1] }],
    ["LinearClassifier", { classlabels_ints: [1, 2] }],
    ["LinearAttention", { kv_num_heads: 2 ** 15, q_num_heads: 2 ** 31 }],
    ["RotaryEmbedding", { num_heads: 2 ** 15 }],
    ["RotaryEmbedding", { rotary_embedding_dim: -4 }],
    ["FeatureVectorizer", { inputdimensions: [2, -1] }],
  ])("%s %j", async (op, attributes) => {
    await expect(run(changed(op, attributes))).rejects.toThrow(ShapeError);
  });

  test.each([2 ** 31, 2 ** 24, 2 ** 62])("RoiAlign with a sampling ratio of %d", async (ratio) => {
    const given = operatorCase("RoiAlign", [image, region, longs(0)], { sampling_ratio: ratio });
    await expect(run(given)).rejects.toThrow(ShapeError);
  });

  test("RoiAlign with a region as large as float32 has them", async () => {
    const given = operatorCase("RoiAlign", [image, region, longs(0)], { spatial_scale: float(1e38) });
    await expect(run(given)).rejects.toThrow(ShapeError);
  });

  test("CenterCropPad with as many sizes as axes, of which there are none", async () => {
    await expect(
      run(operatorCase("CenterCropPad", [image, longs(1, 2)], { axes: [] }, { opset: 18 })),
    ).rejects.toThrow(ShapeError);
  });
});

describe("attributes that asked for endless work end with the result", () => {
  test("TfIdfVectorizer looks for no n-grams longer than the text", async () => {
    const [most, two] = await Promise.all(
      [2 ** 30, 2].map((length) =>
        run(changed("TfIdfVectorizer", { max_gram_length: length, max_skip_count: length })),
      ),
    );
    expect(most).toEqual(two);
    const least = await run(changed("TfIdfVectorizer", { min_gram_length: -(2 ** 31) }));
    expect(least.y0?.dims).toEqual([4]);
  });

  test("MaxUnpool needs no room for the image its attributes imply", async () => {
    const given = operatorCase(
      "MaxUnpool",
      [
        numbers("float32", [1, 1, 1, 2], [7, 8]),
        numbers("int64", [1, 1, 1, 2], [0, 2 ** 40]),
        longs(1, 1, 2, 2),
      ],
      { kernel_shape: [1, 2 ** 40], strides: [1, 2 ** 40] },
    );
    expect(Array.from((await run(given)).y0?.data as Float32Array)).toEqual([7, 0, 0, 0]);
  });

  test("OneHotEncoder counts the categories of its input's type", async () => {
    const { y0 } = await run(changed("OneHotEncoder", { cats_strings: strings("a") }));
    expect(y0?.dims).toEqual([3, 3]);
  });
});

test.each([Number.NaN, Infinity, -Infinity])("Shrink of int64 by %d", async (bias) => {
  const { y0 } = await run(operatorCase("Shrink", [longs(1, -2)], { bias: float(bias), lambd: float(0.5) }));
  expect(y0?.dtype).toBe("int64");
});

test("LpPool by a power beyond float32 runs by its definition", async () => {
  const x = numbers("float32", [1, 1, 2], [3, 2]);
  const pooled = (p: number) => run(operatorCase("LpPool", [x], { kernel_shape: [2], p }, { opset: 18 }));
  expect((await pooled(2 ** 8)).y0?.data[0]).toBeCloseTo(3, 5);
  await expect(pooled(0)).rejects.toThrow(ShapeError);
});

describe("LRN whose base is not above 0", () => {
  test.each([
    { alpha: float(-1), beta: float(1), bias: float(0.5) },
    { alpha: float(0), beta: float(0), bias: float(0) },
  ])("runs by its definition: %j", async (attributes) => {
    const x = numbers("float32", [1, 2, 1, 1], [2, 3]);
    const { y0 } = await run(operatorCase("LRN", [x], { size: 1, ...attributes }));
    expect(Array.from(y0?.data as Float32Array)).toEqual(
      attributes.bias.float === 0 ? [2, 3] : [Math.fround(2 / -3.5), Math.fround(3 / -8.5)],
    );
  });
});

test.each(["QuantizedAdd", "Relayout", "SgdUpdate"])(
  "a file cannot name lanewise.%s, which passes make",
  async (op) => {
    const spec = {
      inputs: { x: { dtype: "float32" as const, dims: [1] } },
      outputs: ["y"],
      nodes: [node(op, ["x", "x", "x", "x"], ["y"], {}, "lanewise")],
      opset: { "": 17, lanewise: 1 },
    };
    await expect(InferenceSession.create(model(spec))).rejects.toThrow(UnsupportedOperatorError);
  },
);

test.each([
  ["ConstantOfShape", 1],
  ["Reshape", 2],
  ["Expand", 2],
  ["Tile", 2],
  ["Range", 3],
])("%s of strings where numbers are expected is a DTypeError", async (op, count) => {
  const words = { dtype: "string" as const, dims: [1], data: ["1"] };
  const inputs = Array.from({ length: count }, (_, i) => (i === 0 && count > 1 ? image : words));
  await expect(run(operatorCase(op, inputs))).rejects.toThrow(DTypeError);
});

describe("a recurrence's operands fit its batch and its hidden size", () => {
  const sizes = {
    X: [3, 9, 6],
    W: [1, 4, 6],
    R: [1, 4, 4],
    B: [1, 8],
    lens: [9],
    h: [1, 9, 4],
    c: [1, 9, 4],
  };
  const drawn = (dims: readonly number[], dtype: "float32" | "int32" = "float32") =>
    numbers(dtype, dims, new Array(dims.reduce((a, b) => a * b, 1)).fill(1));
  const layer = (op: string, gates: number, change: Partial<typeof sizes>) => {
    const { X, W, R, B, lens, h, c } = { ...sizes, ...change };
    const wide = ([a, b, ...rest]: number[]) => drawn([a as number, gates * (b as number), ...rest]);
    const inputs = [drawn(X), wide(W), wide(R), wide(B), drawn(lens, "int32"), drawn(h)];
    if (op === "LSTM") inputs.push(drawn(c));
    return run(operatorCase(op, inputs, { hidden_size: 4 }, { opset: 14 }));
  };
  const wrong = { B: [1, 7], R: [1, 4, 3], lens: [8], h: [1, 8, 4], c: [1, 9, 5] };
  describe.each([
    ["RNN", 1],
    ["GRU", 3],
    ["LSTM", 4],
  ] as const)("%s", (op, gates) => {
    test("right", async () => {
      expect((await layer(op, gates, {})).y0?.dims).toEqual([3, 1, 9, 4]);
    });
    test.each(Object.entries(wrong).filter(([name]) => name !== "c" || op === "LSTM"))(
      "%s of %j is refused",
      async (name, dims) => {
        await expect(layer(op, gates, { [name]: dims })).rejects.toThrow(ShapeError);
      },
    );
  });
});

describe("sums of nothing are 0", () => {
  const empty = (dtype: "float32" | "int8" | "uint8", ...dims: number[]) => numbers(dtype, dims, []);
  const half = numbers("float32", [], [0.5]);
  const zero = (dtype: "int8" | "uint8") => numbers(dtype, [], [3]);
  test.each<[string, readonly TensorData[]]>([
    ["MatMul", [empty("float32", 2, 0), empty("float32", 0, 4)]],
    ["Gemm", [empty("float32", 2, 0), empty("float32", 0, 4)]],
    ["Conv", [empty("float32", 1, 0, 5, 5), empty("float32", 4, 0, 3, 3)]],
    ["MatMulInteger", [empty("int8", 2, 0), empty("uint8", 0, 4)]],
    ["ConvInteger", [empty("uint8", 1, 0, 5, 5), empty("int8", 4, 0, 3, 3)]],
    [
      "QLinearMatMul",
      [
        empty("int8", 2, 0),
        half,
        zero("int8"),
        empty("uint8", 0, 4),
        half,
        zero("uint8"),
        half,
        zero("int8"),
      ],
    ],
    [
      "QLinearConv",
      [
        empty("int8", 1, 0, 5, 5),
        half,
        zero("int8"),
        empty("int8", 4, 0, 3, 3),
        half,
        zero("int8"),
        half,
        zero("int8"),
      ],
    ],
  ])("%s", async (op, inputs) => {
    const { spec, feeds } = operatorCase(op, inputs, {}, { opset: 13 });
    // The weight is a constant, so that the kernels take the node.
    const rest = Object.entries(feeds).slice(1);
    const constant = {
      ...spec,
      inputs: { x0: spec.inputs?.x0 as TypeSpec },
      initializers: Object.fromEntries(rest),
    };
    const { y0 } = await run({
      spec: constant,
      feeds: { x0: feeds.x0 as TensorData },
      name: op,
      tolerance: {} as never,
    });
    const want = op.startsWith("QLinear") ? 3 : 0;
    expect(Array.from(y0?.data as Float32Array).every((value) => value === want)).toBe(true);
  });
});

describe("rows longer than a call takes arguments", () => {
  const LONG = 2 ** 18;
  const ones = new Array<number>(LONG).fill(1);
  test.each<[string, number, Attributes]>([
    ["Normalizer", LONG, { norm: "MAX" }],
    ["LinearRegressor", 1, { coefficients: float(ones), targets: LONG, post_transform: "SOFTMAX" }],
  ])("%s", async (op, width, attributes) => {
    const x = numbers("float32", [1, width], ones.slice(0, width));
    const given = operatorCase(op, [x], attributes, { domain: "ai.onnx.ml", opset: 1 });
    expect((await run(given)).y0?.dims).toEqual([1, LONG]);
  });
});

describe("a tensor of more than 64 axes is refused, wherever it is asked for", () => {
  const longList = (length: number): TypeSpec => ({ dtype: "int64", dims: [length] });
  const image3d = { dtype: "float32" as const, dims: [1, 4, 4] };
  test.each<[string, Record<string, TypeSpec>]>([
    ["ConstantOfShape", { shape: longList(2 ** 40) }],
    ["Expand", { x: image3d, shape: longList(2 ** 31) }],
    ["Unsqueeze", { x: image3d, axes: longList(2 ** 31) }],
    ["Slice", { x: image3d, starts: longList(2 ** 31), ends: longList(2 ** 31) }],
    ["Col2Im", { x: image3d, image: longList(2 ** 31), block: longList(2 ** 31) }],
    ["Relu", { x: { dtype: "float32", dims: new Array<number>(65).fill(1) } }],
  ])("%s", async (op, inputs) => {
    const spec = { inputs, outputs: ["y"], nodes: [node(op, Object.keys(inputs), ["y"])], opset: 18 };
    await expect(InferenceSession.create(model(spec))).rejects.toThrow(ShapeError);
  });

  test.each(["ConstantOfShape", "Expand", "Unsqueeze", "Reshape"])("%s of a list that is fed", async (op) => {
    const list = longs(...Array.from({ length: 2 ** 16 }, (_, i) => (op === "Unsqueeze" ? i : 1)));
    const inputs = op === "ConstantOfShape" ? [list] : [numbers("float32", [1], [1]), list];
    await expect(run(operatorCase(op, inputs, {}, { opset: 18 }))).rejects.toThrow(ShapeError);
  });
});
