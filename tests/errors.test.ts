import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onnx } from "onnx-proto";
import { afterAll, describe, expect, test } from "vitest";
import {
  DTypeError,
  FeedError,
  InferenceSession,
  LanewiseError,
  MemoryError,
  ModelError,
  ResourceError,
  ShapeError,
  Tensor,
  UnsupportedOperatorError,
  UsageError,
} from "../src/index.ts";
import { type ModelSpec, model, modelProto, node } from "./support/onnx-model.ts";
import { random } from "./support/random.ts";
import { VARIED, variedFeeds, variedModel } from "./support/varied-model.ts";

type ErrorClass = new (...args: never[]) => LanewiseError;

const draw = random(3);
const text = (value: string) => new TextEncoder().encode(value);
const image = { dtype: "float32", dims: [1, 3, 4, 4] } as const;
const weight = draw.tensor("float32", [2, 3, 3, 3]);
const convolution = (attributes = {}): ModelSpec => ({
  inputs: { x: image },
  initializers: { w: weight },
  nodes: [{ ...node("Conv", ["x", "w"], ["y"], attributes), name: "conv1" }],
  outputs: ["y"],
});

/** The error that creating a session of these bytes gives: of this class, its message like this. */
async function refuses(
  bytes: Uint8Array,
  type: ErrorClass,
  message: RegExp,
  options = {},
): Promise<LanewiseError> {
  const error = await InferenceSession.create(bytes, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(type);
  expect((error as Error).message).toMatch(message);
  expect((error as LanewiseError).code).toMatch(/^ERR_[A-Z_]+$/);
  return error as LanewiseError;
}

/** A model whose graph is changed before it is written. */
function changed(spec: ModelSpec, change: (graph: onnx.IGraphProto) => void): Uint8Array {
  const proto = modelProto(spec);
  change(proto.graph as onnx.IGraphProto);
  return new Uint8Array(onnx.ModelProto.encode(onnx.ModelProto.create(proto)).finish());
}

describe("bytes that are no model", () => {
  test.each([
    ["nothing", new Uint8Array(), /empty/],
    ["HTML", text("<!DOCTYPE html><html><body>404</body></html>"), /HTML/],
    ["HTML in capitals behind a line break", text("\n<HTML>"), /HTML/],
    [
      "a Git LFS pointer",
      text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 5\n"),
      /LFS/,
    ],
    ["a ZIP archive", text("PK\u0003\u0004abcdef"), /ZIP/],
    ["random bytes", Uint8Array.from({ length: 200 }, () => draw.whole(0, 255)), /not a valid|no graph/],
    ["zeros", new Uint8Array(64), /not a valid|no graph/],
    ["JSON", text('{"model": "resnet"}'), /not a valid|no graph/],
    ["a model cut in half", variedModel().subarray(0, 700), /not a valid|truncated|no graph/],
  ])("%s", async (_, bytes, message) => {
    await refuses(bytes, ModelError, message);
  });

  test("a model without a graph", async () => {
    const bytes = onnx.ModelProto.encode(onnx.ModelProto.create({ irVersion: 8 })).finish();
    await refuses(bytes, ModelError, /no graph/);
  });

  test("a path where there is no file", async () => {
    await expect(InferenceSession.create("/nowhere/model.onnx")).rejects.toThrow(ResourceError);
  });

  test("something that is no source at all", async () => {
    await expect(InferenceSession.create(42 as never)).rejects.toThrow(UsageError);
  });
});

describe("graphs that do not hold together", () => {
  const chain = (...nodes: ModelSpec["nodes"]): ModelSpec => ({
    inputs: { x: image },
    nodes,
    outputs: ["y"],
  });

  test("a cycle names its nodes", async () => {
    const spec = chain(node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Neg", ["b"], ["y"]));
    await refuses(model(spec), ModelError, /cycle.*Add "Add_a".*Relu "Relu_b"/);
  });

  test("a node that reads itself is a cycle", async () => {
    await refuses(model(chain(node("Relu", ["y"], ["y"]))), ModelError, /cycle/);
  });

  test("an input that nothing writes names node and value", async () => {
    await refuses(
      model(chain(node("Relu", ["ghost"], ["y"]))),
      ModelError,
      /Relu "Relu_y".*nothing writes the input "ghost"/,
    );
  });

  test("an output that nothing writes", async () => {
    await refuses(model(chain(node("Relu", ["x"], ["z"]))), ModelError, /nothing writes the output "y"/);
  });

  test("a value written twice", async () => {
    await refuses(
      model(chain(node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"]))),
      ModelError,
      /Neg "Neg_y".*"y" is written twice/,
    );
  });

  test("a node that writes an input", async () => {
    await refuses(
      model({ ...chain(node("Relu", ["x"], ["x"])), outputs: ["x"] }),
      ModelError,
      /written twice|cycle/,
    );
  });

  test("two inputs of one name", async () => {
    const bytes = changed(convolution(), (graph) =>
      graph.input?.push(graph.input[0] as onnx.IValueInfoProto),
    );
    await refuses(bytes, ModelError, /two inputs are called "x"/);
  });

  test("a dangling name in a branch of an If", async () => {
    const branch = (input: string) => ({ nodes: [node("Relu", [input], ["r"])], outputs: ["r"] });
    const spec: ModelSpec = {
      inputs: { x: image, c: { dtype: "bool", dims: [] } },
      nodes: [node("If", ["c"], ["y"], { then_branch: branch("x"), else_branch: branch("ghost") })],
      outputs: ["y"],
    };
    await refuses(model(spec), ModelError, /else_branch.*nothing writes the input "ghost"/);
  });

  test("a weight of a type that is not supported, read only in a branch", async () => {
    const COMPLEX64 = 14;
    const branch = (input: string) => ({ nodes: [node("Relu", [input], ["r"])], outputs: ["r"] });
    const spec: ModelSpec = {
      inputs: { x: image, c: { dtype: "bool", dims: [] } },
      initializers: { w: { dtype: "float32", dims: [1], data: Float32Array.of(1) } },
      nodes: [node("If", ["c"], ["y"], { then_branch: branch("x"), else_branch: branch("w") })],
      outputs: ["y"],
    };
    const bytes = changed(spec, (graph) => {
      for (const tensor of graph.initializer ?? []) tensor.dataType = COMPLEX64;
    });
    await refuses(bytes, UnsupportedOperatorError, /Relu "Relu_r".*COMPLEX64 is not supported/);
  });

  test("more outputs than the operator has", async () => {
    await refuses(
      model(chain(node("Relu", ["x"], ["y", "z"]))),
      ShapeError,
      /Relu "Relu_y".*1 output.*names 2/,
    );
  });
});

describe("initialisers that are not what they say", () => {
  const withWeight = (change: Partial<onnx.ITensorProto>) =>
    changed(convolution(), (graph) =>
      Object.assign((graph.initializer as onnx.ITensorProto[])[0] as onnx.ITensorProto, change),
    );

  test("raw data shorter than the dims", async () => {
    await refuses(
      withWeight({ rawData: new Uint8Array(8) }),
      ModelError,
      /initializer\[0\] "w".*need 216 bytes, there are 8/,
    );
  });

  test("listed data shorter than the dims", async () => {
    await refuses(
      withWeight({ rawData: new Uint8Array(), floatData: [1, 2] }),
      ModelError,
      /"w".*need 54 elements, the file has 2/,
    );
  });

  test("longer data than the dims", async () => {
    await refuses(withWeight({ rawData: new Uint8Array(220) }), ModelError, /need 216 bytes, there are 220/);
  });

  test("negative dims", async () => {
    await refuses(withWeight({ dims: [2, 3, 3, -3] }), ModelError, /"w".*\[2,3,3,-3\].*not negative/);
  });

  test("dims of 2^40, alone and together", async () => {
    await refuses(withWeight({ dims: [2 ** 40] }), ModelError, /"w"/);
    await refuses(withWeight({ dims: [2 ** 30, 2 ** 30] }), ModelError, /too large/);
  });

  test("an element type that lanewise does not take names the node that reads it", async () => {
    const error = await refuses(
      withWeight({ dataType: onnx.TensorProto.DataType.COMPLEX64 }),
      UnsupportedOperatorError,
      /conv1.*COMPLEX64/,
    );
    expect((error as UnsupportedOperatorError).nodes).toMatchObject([{ name: "conv1", op: "Conv" }]);
  });

  test("an input of dims that no memory holds", async () => {
    const spec: ModelSpec = {
      ...convolution(),
      inputs: { x: { dtype: "float32", dims: [1, 3, 2 ** 20, 2 ** 20] } },
    };
    const error = await refuses(model(spec), MemoryError, /bytes/);
    expect((error as MemoryError).bytes).toBeGreaterThan(2 ** 40);
  });

  test("a shape computed to 2^40", async () => {
    const target = { dtype: "int64", dims: [2], data: BigInt64Array.of(2n ** 20n, 2n ** 20n) } as const;
    const spec: ModelSpec = {
      inputs: { x: { dtype: "float32", dims: [1, 1] } },
      initializers: { target },
      nodes: [node("Expand", ["x", "target"], ["y"])],
      outputs: ["y"],
    };
    await refuses(model(spec), MemoryError, /bytes/);
  });
});

describe("external data", () => {
  const folder = mkdtempSync(join(tmpdir(), "lanewise-errors-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  const external = (entries: Record<string, string>) =>
    changed(convolution(), (graph) => {
      const tensor = (graph.initializer as onnx.ITensorProto[])[0] as onnx.ITensorProto;
      tensor.rawData = new Uint8Array();
      tensor.dataLocation = onnx.TensorProto.DataLocation.EXTERNAL;
      tensor.externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    });
  const bytes = new Uint8Array((weight.data as Float32Array).buffer);
  const feeds = { x: new Tensor("float32", draw.tensor("float32", [1, 3, 4, 4]).data, [1, 3, 4, 4]) };

  test.each([
    "../secret.bin",
    "/etc/passwd",
    "a/../../secret.bin",
    "C:\\secret.bin",
    "..\\secret.bin",
    "file:///etc/passwd",
  ])("a location outside the folder: %s", async (location) => {
    const given = [{ path: location, data: bytes }];
    await refuses(external({ location }), ModelError, /leaves the model's folder/, { externalData: given });
  });

  test("a file that was not given", async () => {
    await refuses(external({ location: "weights.bin" }), ModelError, /"w".*"weights.bin" was not given/);
  });

  test("a file that is not beside the model", async () => {
    const path = join(folder, "alone.onnx");
    writeFileSync(path, external({ location: "missing.bin" }));
    await expect(InferenceSession.create(path)).rejects.toThrow(ResourceError);
  });

  test.each([
    [{}, 100, /need 216 bytes, there are 100/],
    [{ offset: "200" }, 216, /need 216 bytes, there are 16/],
    [{ offset: "500" }, 216, /lies outside/],
    [{ offset: "8", length: "216" }, 216, /lies outside/],
    [{ length: "8" }, 216, /need 216 bytes/],
    [{ offset: "-4" }, 216, /not a size/],
    [{ length: "many" }, 216, /not a size/],
  ])("too short: %j of %d bytes", async (entries, size, message) => {
    const externalData = [{ path: "weights.bin", data: bytes.slice(0, size) }];
    await refuses(external({ location: "weights.bin", ...entries }), ModelError, message, { externalData });
  });

  test("no location", async () => {
    await refuses(external({}), ModelError, /without a location/);
  });

  test("given, or beside the model, it is the same as inside", async () => {
    const inside = await InferenceSession.create(model(convolution()));
    const { y: expected } = await inside.run(feeds);
    const padded = new Uint8Array(300);
    padded.set(bytes, 64);
    const outside = external({ location: "weights.bin", offset: "64", length: "216" });
    const given = await InferenceSession.create(outside, {
      externalData: [{ path: "./weights.bin", data: padded }],
    });
    expect((await given.run(feeds)).y?.data).toEqual(expected?.data);
    writeFileSync(join(folder, "model.onnx"), outside);
    writeFileSync(join(folder, "weights.bin"), padded);
    const beside = await InferenceSession.create(join(folder, "model.onnx"));
    expect((await beside.run(feeds)).y?.data).toEqual(expected?.data);
  });
});

describe("nodes that do not fit their operator", () => {
  test("all unsupported operators are listed at once", async () => {
    const spec: ModelSpec = {
      inputs: { x: image },
      nodes: [
        node("Frobnicate", ["x"], ["a"]),
        node("Relu", ["a"], ["b"]),
        node("Warp", ["b"], ["y"], {}, "com.example"),
      ],
      outputs: ["y"],
      opset: { "": 17, "com.example": 1 },
    };
    const error = await refuses(
      model(spec),
      UnsupportedOperatorError,
      /2 unsupported nodes.*Frobnicate.*com\.example\.Warp/,
    );
    expect((error as UnsupportedOperatorError).nodes).toMatchObject([
      { op: "Frobnicate", domain: "", opset: 17 },
      { op: "Warp", domain: "com.example", opset: 1 },
    ]);
  });

  test("outputs that do without the unsupported ones run, inside branches too", async () => {
    const branch = (op: string) => ({ nodes: [node(op, ["x"], ["r"])], outputs: ["r"] });
    const spec: ModelSpec = {
      inputs: { x: { dtype: "float32", dims: [2] }, c: { dtype: "bool", dims: [] } },
      nodes: [
        node("Foo", ["x"], ["f"]),
        node("Add", ["f", "x"], ["sum"]),
        node("If", ["c"], ["choice"], { then_branch: branch("Neg"), else_branch: branch("Bar") }),
        node("Neg", ["x"], ["minus"]),
        node("Relu", ["minus"], ["plus"]),
      ],
      outputs: ["sum", "plus", "choice"],
    };
    const session = await InferenceSession.create(model(spec));
    expect(session.outputNames).toEqual(["sum", "plus", "choice"]);
    const feeds = { x: new Tensor("float32", [-1, 2], [2]), c: new Tensor("bool", [true], []) };
    const { plus, minus } = await session.run(feeds, ["plus", "minus"]);
    expect([plus?.data, minus?.data]).toEqual([Float32Array.of(1, 0), Float32Array.of(1, -2)]);
    for (const fetches of [undefined, ["sum"], ["plus", "choice"], ["f"]]) {
      const run = session.run(feeds, fetches);
      await expect(run).rejects.toThrow(UnsupportedOperatorError);
      await expect(run).rejects.toThrow(/2 unsupported nodes: Foo .*Bar .*Without them: plus$/);
    }
  });

  test("an input of an unsupported type keeps only what reads it from running", async () => {
    const bytes = changed(
      {
        inputs: { x: image, z: image },
        nodes: [node("Relu", ["x"], ["y"]), node("Relu", ["z"], ["w"])],
        outputs: ["y", "w"],
      },
      ({ input }) => {
        const type = input?.[1]?.type?.tensorType;
        if (type) type.elemType = onnx.TensorProto.DataType.COMPLEX64;
      },
    );
    const session = await InferenceSession.create(bytes);
    expect(session.inputNames).toEqual(["x"]);
    const x = new Tensor("float32", new Float32Array(48).fill(-1), [1, 3, 4, 4]);
    expect((await session.run({ x }, ["y"])).y?.data).toEqual(new Float32Array(48));
    await expect(session.run({ x })).rejects.toThrow(UnsupportedOperatorError);
  });

  test("a branch that reads an unsupported value of the graph around it is listed", async () => {
    const branch = { nodes: [node("Add", ["x", "w"], ["r"])], outputs: ["r"] };
    const bytes = changed(
      {
        inputs: { x: { dtype: "float32", dims: [2] }, c: { dtype: "bool", dims: [] } },
        initializers: { w: draw.tensor("float32", [2]) },
        nodes: [node("If", ["c"], ["y"], { then_branch: branch, else_branch: branch })],
        outputs: ["y"],
      },
      ({ initializer }) => {
        if (initializer?.[0]) initializer[0].dataType = onnx.TensorProto.DataType.COMPLEX64;
      },
    );
    await refuses(bytes, UnsupportedOperatorError, /2 unsupported nodes: Add .*COMPLEX64/);
  });

  test("attention whose past, mask or lengths do not fit", async () => {
    const tensor = (dims: readonly number[]) => ({ dtype: "float32", dims }) as const;
    const [Q, K, V] = [tensor([2, 4, 3, 8]), tensor([2, 2, 5, 8]), tensor([2, 2, 5, 6])];
    const past = { P: tensor([2, 2, 7, 8]), W: tensor([2, 2, 7, 6]) };
    const attention = (inputs: ModelSpec["inputs"], names: readonly string[]) =>
      model({ inputs: inputs ?? {}, nodes: [node("Attention", names, ["y"])], outputs: ["y"], opset: 24 });
    const names = ["Q", "K", "V", "M", "P", "W"];
    const M = tensor([3, 12]);
    await InferenceSession.create(attention({ Q, K, V, M, ...past }, names));
    for (const [change, message] of [
      [{ P: tensor([2, 2, 7, 9]) }, /past_key must be \[2, 2, \?, 8\], got \[2, 2, 7, 9\]/],
      [{ P: tensor([2, 4, 7, 8]) }, /past_key must be/],
      [{ W: tensor([1, 2, 7, 6]) }, /past_value must be/],
      [{ W: tensor([2, 2, 4, 6]) }, /length differs: 7 of past_key, 4 of past_value/],
      [{ W: tensor([2, 2, 7]) }, /past_value must be/],
      [{ V: tensor([2, 2, 4, 6]) }, /length differs: 5 of K, 4 of V/],
      [{ V: tensor([2, 1, 5, 6]) }, /heads differs: 2 of K, 1 of V/],
      [{ K: tensor([1, 2, 5, 8]) }, /batch differs/],
      [{ M: tensor([2, 12]) }, /attn_mask \[2, 12\] does not broadcast/],
      [{ M: tensor([3, 13]) }, /attn_mask \[3, 13\] does not broadcast/],
    ] as const)
      await refuses(attention({ Q, K, V, M, ...past, ...change }, names), ShapeError, message);
    const alone = attention({ Q, K, V, P: past.P }, ["Q", "K", "V", "", "P"]);
    await refuses(alone, ShapeError, /past_key and past_value go together/);
  });

  test("unsupported operators inside branches are listed too", async () => {
    const branch = (op: string) => ({ nodes: [node(op, ["x"], ["r"])], outputs: ["r"] });
    const spec: ModelSpec = {
      inputs: { x: image, c: { dtype: "bool", dims: [] } },
      nodes: [node("If", ["c"], ["y"], { then_branch: branch("Foo"), else_branch: branch("Bar") })],
      outputs: ["y"],
    };
    await refuses(model(spec), UnsupportedOperatorError, /Foo.*Bar/);
  });

  test("an operator newer than the model's opset", async () => {
    await refuses(
      model({ ...convolution(), nodes: [node("Gelu", ["x"], ["y"])], initializers: {}, opset: 13 }),
      UnsupportedOperatorError,
      /Gelu.*opset 20/,
    );
  });

  test("an unknown attribute", async () => {
    await refuses(
      model(convolution({ stride: [1, 1] })),
      ModelError,
      /Conv "conv1".*unknown attribute "stride"/,
    );
  });

  test("an attribute of the wrong type", async () => {
    await refuses(
      model(convolution({ strides: 2 })),
      ModelError,
      /Conv "conv1".*strides must be ints, got int/,
    );
    await refuses(model(convolution({ auto_pad: 1 })), ModelError, /auto_pad must be string, got int/);
  });

  test("a missing attribute", async () => {
    const spec: ModelSpec = { inputs: { x: image }, nodes: [node("MaxPool", ["x"], ["y"])], outputs: ["y"] };
    await refuses(model(spec), ModelError, /MaxPool "MaxPool_y".*kernel_shape is missing/);
  });

  test("missing inputs, left out or too few", async () => {
    const conv = (inputs: string[]): ModelSpec => ({
      ...convolution(),
      nodes: [node("Conv", inputs, ["y"])],
    });
    await refuses(model(conv(["x"])), ModelError, /Conv "Conv_y".*takes 2 to \d inputs, got 1/);
    await refuses(model(conv(["x", ""])), ModelError, /input 1 \(w\) must not be left out/);
    await refuses(model(conv(["x", "w", "", "x", "x", "x"])), ModelError, /got 6/);
  });

  test("dims that do not fit name the node and both sides", async () => {
    const spec: ModelSpec = { ...convolution(), inputs: { x: { dtype: "float32", dims: [1, 5, 4, 4] } } };
    const error = await refuses(
      model(spec),
      ShapeError,
      /Conv "conv1": weight expects 3 input channels, got 5/,
    );
    expect((error as ShapeError).node).toMatchObject({ name: "conv1", op: "Conv" });
  });

  test("a window larger than the image", async () => {
    const spec: ModelSpec = { ...convolution(), inputs: { x: { dtype: "float32", dims: [1, 3, 2, 2] } } };
    await refuses(model(spec), ShapeError, /does not fit/);
  });

  test("dtypes that do not fit", async () => {
    const spec: ModelSpec = { ...convolution(), inputs: { x: { dtype: "int32", dims: [1, 3, 4, 4] } } };
    await refuses(model(spec), DTypeError, /Conv "conv1".*int32/);
    const mixed: ModelSpec = {
      inputs: { a: image, b: { dtype: "float64", dims: [1] } },
      nodes: [node("Add", ["a", "b"], ["y"])],
      outputs: ["y"],
    };
    await refuses(model(mixed), DTypeError, /Add "Add_y"/);
  });

  test("an impossible attribute value", async () => {
    await refuses(model(convolution({ strides: [0, 1] })), ShapeError, /conv1.*strides must be at least 1/);
    await refuses(model(convolution({ auto_pad: "SOMEHOW" })), ShapeError, /auto_pad must be/);
    await refuses(model(convolution({ group: 0 })), ShapeError, /group/);
    await refuses(model(convolution({ pads: [1, 1] })), ShapeError, /pads needs 4 values/);
  });
});

describe("wrong feeds and fetches", () => {
  const open = () => InferenceSession.create(variedModel());
  const feeds = variedFeeds();

  test.each([
    ["an unknown name", { ...feeds, extra: feeds.x }, "extra", /no such input; it has x, c/],
    ["a missing input", { x: feeds.x }, "c", /missing/],
    [
      "a dtype",
      { ...feeds, x: new Tensor("float64", new Float64Array(75), [1, 3, 5, 5]) },
      "x",
      /expected float32, got float64/,
    ],
    [
      "a rank",
      { ...feeds, x: new Tensor("float32", new Float32Array(75), [3, 5, 5]) },
      "x",
      /\[1, 3, 5, 5\] of rank 4, got \[3, 5, 5\]/,
    ],
    [
      "a size",
      { ...feeds, x: new Tensor("float32", new Float32Array(60), [1, 3, 5, 4]) },
      "x",
      /got \[1, 3, 5, 4\]: 4 at axis 3/,
    ],
    [
      "a sequence",
      { ...feeds, x: { container: "sequence", dtype: "float32", values: [] } as never },
      "x",
      /expected a tensor/,
    ],
    ["something else", { ...feeds, x: [1, 2, 3] as never }, "x", /tensor/i],
    ["null", { ...feeds, x: null as never }, "x", /missing/],
  ])("%s", async (_, wrong, input, message) => {
    const session = await open();
    const error = await session.run(wrong as never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FeedError);
    expect((error as FeedError).input).toBe(input);
    expect((error as Error).message).toMatch(message);
    // The session is none the worse for it.
    expect((await session.run(feeds)).q?.dims).toEqual([1, 3]);
  });

  test("a tensor whose data is not as long as its dims say", () => {
    expect(() => new Tensor("float32", new Float32Array(5), [2, 3])).toThrow(ShapeError);
    expect(() => new Tensor("float32", new Float64Array(6) as never, [2, 3])).toThrow(UsageError);
    expect(() => new Tensor("float32", new Float32Array(6), [2, -3])).toThrow(LanewiseError);
    expect(() => new Tensor("complex64" as never, new Float32Array(6), [6])).toThrow(UsageError);
  });

  test("a fetch of a value that is not there", async () => {
    const session = await open();
    await expect(session.run(feeds, ["ghost"])).rejects.toThrow(/"ghost".*no such value.*q, sl, rm/);
    await expect(session.run(feeds, ["ghost"])).rejects.toThrow(FeedError);
    await expect(session.run(feeds, [""])).rejects.toThrow(FeedError);
  });

  test("symbolic dims that disagree between inputs", async () => {
    const spec: ModelSpec = {
      inputs: { a: { dtype: "float32", dims: ["n", 2] }, b: { dtype: "float32", dims: ["n", 2] } },
      nodes: [node("Add", ["a", "b"], ["y"])],
      outputs: ["y"],
    };
    const session = await InferenceSession.create(model(spec));
    const of = (rows: number) => new Tensor("float32", new Float32Array(rows * 2), [rows, 2]);
    await expect(session.run({ a: of(2), b: of(3) })).rejects.toThrow(/n is 2 in another input, here 3/);
    expect((await session.run({ a: of(3), b: of(3) })).y?.dims).toEqual([3, 2]);
  });

  test("dims that only fail once they are known", async () => {
    const spec: ModelSpec = {
      ...convolution(),
      inputs: { x: { dtype: "float32", dims: [1, "c", "h", "w"] } },
    };
    const session = await InferenceSession.create(model(spec));
    const feed = (dims: number[]) => ({
      x: new Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b)), dims),
    });
    await expect(session.run(feed([1, 4, 5, 5]))).rejects.toThrow(/conv1.*3 input channels, got 4/);
    await expect(session.run(feed([1, 3, 2, 5]))).rejects.toThrow(ShapeError);
    expect((await session.run(feed([1, 3, 5, 6]))).y?.dims).toEqual([1, 2, 3, 4]);
  });

  test("a released session", async () => {
    const session = await open();
    await session.release();
    await expect(session.run(feeds)).rejects.toThrow(UsageError);
    expect(() => session.memoryUsage()).toThrow(/released/);
    await session.release();
  });

  test("tensors whose buffer has gone to another thread", async () => {
    const session = await open();
    const feeds = variedFeeds();
    const { buffer } = (feeds.x as Tensor).data as Float32Array<ArrayBuffer>;
    structuredClone(buffer, { transfer: [buffer] });
    await expect(session.run(feeds)).rejects.toThrow(FeedError);
    await expect(session.run(feeds)).rejects.toThrow(/"x": the data of its tensor \[.*transferred/);
  });

  test("options that mean nothing", async () => {
    await refuses(variedModel(), UsageError, /graphOptimizationLevel must be one of.*"most"/, {
      graphOptimizationLevel: "most",
    });
    await refuses(variedModel(), UsageError, /simd must be one of.*"avx"/, { simd: "avx" });
    const session = await InferenceSession.create(variedModel(), { executionProviders: ["wasm"] } as never);
    expect(session.inputNames).toEqual(["x", "c"]);
  });

  test("a run that is aborted", async () => {
    const session = await open();
    const reason = new Error("enough");
    await expect(session.run(feeds, undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(InferenceSession.create(variedModel(), { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });
});

test("every way to give the bytes gives the same session", async () => {
  const bytes = variedModel();
  const feeds = variedFeeds();
  const wide = new Uint8Array(bytes.length + 9);
  wide.set(bytes, 5);
  const expected = (await (await InferenceSession.create(bytes)).run(feeds)).q?.data;
  const sessions = [
    InferenceSession.create(bytes.buffer),
    InferenceSession.create(wide.buffer, 5, bytes.length),
    InferenceSession.create(new Response(bytes as BodyInit)),
    InferenceSession.create(new Response(bytes as BodyInit).body as ReadableStream<Uint8Array>),
    InferenceSession.create(Buffer.from(bytes)),
  ];
  for (const session of await Promise.all(sessions)) {
    expect((await session.run(feeds)).q?.data).toEqual(expected);
  }
  expect(Object.keys(VARIED.inputs ?? {})).toEqual(["x", "c"]);
});
