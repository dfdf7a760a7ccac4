import { describe, expect, test } from "vitest";
import { InferenceSession, ShapeError, Tensor } from "../src/index.ts";
import type { SessionOptions } from "../src/session-options.ts";
import { elementCount, type TensorData } from "../src/tensor.ts";
import { difference } from "./support/compare.ts";
import { float, type ModelSpec, model, node } from "./support/onnx-model.ts";
import { random } from "./support/random.ts";
import { runReference } from "./support/reference.ts";
import { VARIED, variedFeeds, variedModel } from "./support/varied-model.ts";

const draw = random(11);
const floats = (dims: readonly number[]) => new Tensor("float32", draw.tensor("float32", dims).data, dims);
const longs = (...values: number[]) =>
  new Tensor("int64", BigInt64Array.from(values.map(BigInt)), [values.length]);
const values = (tensor: Tensor | undefined): number[] => Array.from(tensor?.data as Float32Array, Number);
const open = (spec: ModelSpec, options?: SessionOptions) => InferenceSession.create(model(spec), options);

/** Runs a model here, at both levels, and in onnxruntime; throws where they differ. */
async function agrees(spec: ModelSpec, feeds: Record<string, Tensor>): Promise<void> {
  const expected = await runReference(model(spec), feeds);
  for (const graphOptimizationLevel of ["all", "disabled"] as const) {
    const results = await (await open(spec, { graphOptimizationLevel })).run(feeds);
    for (const [name, value] of Object.entries(expected)) {
      expect(
        difference(results[name] as TensorData, value),
        `${name} at ${graphOptimizationLevel}`,
      ).toBeUndefined();
    }
  }
}

describe("metadata", () => {
  test("names, dtypes and shapes of inputs and outputs, symbols as they are", async () => {
    const session = await open({
      inputs: { x: { dtype: "float32", dims: ["batch", 3, "h", "?"] }, i: { dtype: "int64", dims: [] } },
      nodes: [node("Relu", ["x"], ["y"]), node("Shape", ["x"], ["s"]), node("Neg", ["i"], ["n"])],
      outputs: ["y", "s", "n"],
    });
    expect(session.inputNames).toEqual(["x", "i"]);
    expect(session.outputNames).toEqual(["y", "s", "n"]);
    expect(session.inputMetadata).toEqual([
      { name: "x", isTensor: true, type: "float32", shape: ["batch", 3, "h", "?"] },
      { name: "i", isTensor: true, type: "int64", shape: [] },
    ]);
    expect(session.outputMetadata[1]).toEqual({ name: "s", isTensor: true, type: "int64", shape: [4] });
  });

  test("an initialiser that is also listed as an input is no input", async () => {
    const spec: ModelSpec = {
      inputs: { x: { dtype: "float32", dims: [2] }, k: { dtype: "float32", dims: [2] } },
      initializers: { k: draw.tensor("float32", [2]) },
      nodes: [node("Add", ["x", "k"], ["y"])],
      outputs: ["y"],
    };
    expect((await open(spec)).inputNames).toEqual(["x"]);
  });
});

describe("dims that vary", () => {
  const spec: ModelSpec = {
    inputs: { x: { dtype: "float32", dims: ["n", 3, "h", "w"] } },
    initializers: { w: draw.tensor("float32", [4, 3, 3, 3]), flat: longs(0, -1) },
    nodes: [
      node("Conv", ["x", "w"], ["c"], { pads: [1, 1, 1, 1] }),
      node("Relu", ["c"], ["r"]),
      node("GlobalAveragePool", ["r"], ["p"]),
      node("Reshape", ["p", "flat"], ["y"]),
    ],
    outputs: ["y", "r"],
  };
  const shapes = [
    [1, 3, 5, 5],
    [2, 3, 5, 5],
    [1, 3, 9, 4],
    [3, 3, 1, 1],
    [1, 3, 5, 5],
  ];

  test("consecutive runs take other dims each", async () => {
    const session = await open(spec);
    for (const dims of shapes) {
      const feeds = { x: floats(dims) };
      const expected = await runReference(model(spec), feeds);
      const results = await session.run(feeds);
      for (const name of ["y", "r"]) {
        expect(difference(results[name] as TensorData, expected[name] as TensorData)).toBeUndefined();
      }
    }
  });

  test("the memory of many dims is that of the largest, and weights are there once", async () => {
    const session = await open(spec);
    await session.run({ x: floats([1, 3, 40, 40]) });
    const { weightBytes, arenaBytes, totalBytes } = session.memoryUsage();
    for (let size = 5; size < 40; size++) await session.run({ x: floats([1, 3, size, 7]) });
    const after = session.memoryUsage();
    expect(after.weightBytes).toBe(weightBytes);
    expect(after.arenaBytes).toBe(arenaBytes);
    expect(after.totalBytes - totalBytes).toBeLessThanOrEqual(65536);
  });

  test("freeDimensionOverrides fixes a symbol", async () => {
    const session = await open(spec, { freeDimensionOverrides: { n: 2, h: 6 } });
    expect(session.inputMetadata[0]).toMatchObject({ shape: [2, 3, 6, "w"] });
    expect((await session.run({ x: floats([2, 3, 6, 5]) })).y?.dims).toEqual([2, 4]);
    await expect(session.run({ x: floats([1, 3, 6, 5]) })).rejects.toThrow(/expected dims \[2, 3, 6, w\]/);
  });

  test("results belong to the caller: later runs do not change them", async () => {
    const session = await open(spec);
    const first = await session.run({ x: floats([1, 3, 5, 5]) });
    const before = values(first.r);
    await session.run({ x: floats([1, 3, 5, 5]) });
    expect(values(first.r)).toEqual(before);
  });

  test("feeds are never written to", async () => {
    const session = await open({
      inputs: { x: { dtype: "float32", dims: [4] } },
      nodes: [node("Relu", ["x"], ["a"]), node("Neg", ["a"], ["y"])],
      outputs: ["y"],
    });
    const x = floats([4]);
    const before = values(x);
    await session.run({ x });
    expect(values(x)).toEqual(before);
  });
});

describe("fetches", () => {
  test("a choice of outputs, in the order asked for", async () => {
    const session = await InferenceSession.create(variedModel());
    expect(Object.keys(await session.run(variedFeeds(), ["rm", "q"]))).toEqual(["rm", "q"]);
    expect(Object.keys(await session.run(variedFeeds(), { sl: null }))).toEqual(["sl"]);
    expect(Object.keys(await session.run(variedFeeds(), {}))).toEqual(["q", "sl", "rm"]);
  });

  test("every value of the graph, by name, at both levels", async () => {
    const inner = VARIED.nodes.flatMap(({ outputs }) => outputs);
    const feeds = variedFeeds();
    const expected = await runReference(model({ ...VARIED, outputs: inner }), feeds);
    for (const graphOptimizationLevel of ["all", "disabled"] as const) {
      const session = await InferenceSession.create(variedModel(), { graphOptimizationLevel });
      const together = await session.run(feeds, inner);
      for (const name of inner) {
        const alone = (await session.run(feeds, [name]))[name];
        expect(difference(alone as TensorData, expected[name] as TensorData), name).toBeUndefined();
        expect(difference(together[name] as TensorData, expected[name] as TensorData), name).toBeUndefined();
      }
    }
  });

  test("an input and a weight, and one value twice", async () => {
    const session = await InferenceSession.create(variedModel());
    const feeds = variedFeeds();
    const { x, w, y1 } = await session.run(feeds, ["x", "w", "y1", "y1"]);
    expect(values(x)).toEqual(values(feeds.x));
    expect(w?.data).toEqual(VARIED.initializers?.w?.data);
    expect(y1?.dims).toEqual([1, 2, 3, 3]);
  });

  test("a tensor of another library that looks like ours is taken, and checked", async () => {
    const session = await InferenceSession.create(variedModel());
    const { x, c } = variedFeeds();
    const foreign = { type: "float32", data: x.data, dims: [1, 3, 5, 5], location: "cpu" };
    const { q } = await session.run({ x: foreign as never, c });
    expect(values(q)).toEqual(values((await session.run({ x, c })).q));
    const short = { type: "float32", data: new Float32Array(3), dims: [1, 3, 5, 5] };
    await expect(session.run({ x: short as never, c })).rejects.toThrow(ShapeError);
  });
});

describe("functions of the model's own", () => {
  const DOMAIN = "my.functions";
  const opset = { "": 17, [DOMAIN]: 1 };
  const x = { x: { dtype: "float32", dims: [2, 3] } } as const;

  test("with attributes, given and by default", async () => {
    const leaky = {
      name: "Leaky",
      domain: DOMAIN,
      inputs: ["a"],
      outputs: ["b"],
      attributes: ["slope"],
      nodes: [node("LeakyRelu", ["a"], ["b"], { alpha: { reference: "slope", kind: "float" } })],
    };
    const spec: ModelSpec = {
      inputs: x,
      nodes: [
        node("Leaky", ["x"], ["y"], { slope: float(0.5) }, DOMAIN),
        node("Leaky", ["x"], ["z"], {}, DOMAIN),
      ],
      outputs: ["y", "z"],
      opset,
      irVersion: 9,
      functions: [{ ...leaky, attributes: [], defaults: { slope: float(0.25) } }],
    };
    const session = await open(spec);
    const { y, z } = await session.run({ x: new Tensor("float32", [-4, -2, -1, 0, 1, 2], [2, 3]) });
    expect(values(y)).toEqual([-2, -1, -0.5, 0, 1, 2]);
    expect(values(z)).toEqual([-1, -0.5, -0.25, 0, 1, 2]);
    await agrees(spec, { x: floats([2, 3]) });
  });

  test("that call each other, twice, with names of their own", async () => {
    const spec: ModelSpec = {
      inputs: x,
      nodes: [node("Twice", ["x"], ["t"], {}, DOMAIN), node("Twice", ["t"], ["y"], {}, DOMAIN)],
      outputs: ["y"],
      opset,
      functions: [
        {
          name: "Twice",
          domain: DOMAIN,
          inputs: ["x"],
          outputs: ["y"],
          nodes: [node("Inner", ["x"], ["t"], {}, DOMAIN), node("Inner", ["t"], ["y"], {}, DOMAIN)],
        },
        {
          name: "Inner",
          domain: DOMAIN,
          inputs: ["t"],
          outputs: ["y"],
          nodes: [node("Tanh", ["t"], ["x"]), node("Add", ["x", "t"], ["y"])],
        },
      ],
    };
    await agrees(spec, { x: floats([2, 3]) });
  });

  test("with a branch inside that captures, an input left out, and one passed through", async () => {
    const spec: ModelSpec = {
      inputs: { ...x, c: { dtype: "bool", dims: [] } },
      nodes: [node("Pick", ["c", "x"], ["y", "same"], {}, DOMAIN), node("Bound", ["y"], ["z"], {}, DOMAIN)],
      outputs: ["y", "same", "z"],
      opset,
      functions: [
        {
          name: "Pick",
          domain: DOMAIN,
          inputs: ["c", "v"],
          outputs: ["out", "v"],
          nodes: [
            node("Neg", ["v"], ["n"]),
            node("If", ["c"], ["out"], {
              then_branch: { nodes: [node("Exp", ["n"], ["e"])], outputs: ["e"] },
              else_branch: { nodes: [node("Abs", ["v"], ["a"])], outputs: ["a"] },
            }),
          ],
        },
        {
          name: "Bound",
          domain: DOMAIN,
          inputs: ["v", "low", "high"],
          outputs: ["out"],
          nodes: [node("Clip", ["v", "low", "high"], ["out"])],
        },
      ],
    };
    const session = await open(spec);
    for (const c of [true, false]) {
      const feed = floats([2, 3]);
      const { y, same, z } = await session.run({ x: feed, c: new Tensor("bool", [c], []) });
      const expected = values(feed).map((value) => (c ? Math.exp(-value) : Math.abs(value)));
      values(y).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] as number, 5);
      });
      expect(values(same)).toEqual(values(feed));
      expect(values(z)).toEqual(values(y));
    }
  });

  test("that call themselves are refused", async () => {
    const spec: ModelSpec = {
      inputs: x,
      nodes: [node("Self", ["x"], ["y"], {}, DOMAIN)],
      outputs: ["y"],
      opset,
      functions: [
        {
          name: "Self",
          domain: DOMAIN,
          inputs: ["a"],
          outputs: ["b"],
          nodes: [node("Self", ["a"], ["b"], {}, DOMAIN)],
        },
      ],
    };
    await expect(open(spec)).rejects.toThrow(/my\.functions\.Self calls itself/);
  });
});

describe("shapes that depend on data", () => {
  const spec: ModelSpec = {
    inputs: { x: { dtype: "float32", dims: [4, 6] } },
    initializers: { zero: draw.tensor("float32", []), w: draw.tensor("float32", [6, 2]), axis: longs(0) },
    nodes: [
      node("ReduceSum", ["x", "last"], ["s"], { keepdims: 0 }),
      node("Greater", ["s", "nought"], ["mask"]),
      node("NonZero", ["mask"], ["at"]),
      node("Squeeze", ["at", "axis"], ["rows"]),
      node("Gather", ["x", "rows"], ["picked"], { axis: 0 }),
      node("MatMul", ["picked", "w"], ["m"]),
      node("Relu", ["m"], ["y"]),
      node("Shape", ["picked"], ["shape"]),
    ],
    outputs: ["y", "rows", "shape"],
  };
  const full: ModelSpec = {
    ...spec,
    initializers: {
      ...spec.initializers,
      last: longs(1),
      nought: { dtype: "float32", dims: [], data: Float32Array.of(0) },
    },
  };
  const rows = (...signs: number[]) =>
    new Tensor(
      "float32",
      signs.flatMap((sign) => Array(6).fill(sign * 0.3)),
      [4, 6],
    );

  test("another count in every run, none at all, and the same again", async () => {
    const session = await open(full);
    for (const feed of [
      rows(1, -1, 1, 1),
      rows(-1, -1, 1, -1),
      rows(-1, -1, -1, -1),
      rows(1, 1, 1, 1),
      rows(1, -1, 1, 1),
    ]) {
      const expected = await runReference(model(full), { x: feed });
      const results = await session.run({ x: feed });
      for (const [name, value] of Object.entries(expected)) {
        expect(difference(results[name] as TensorData, value), name).toBeUndefined();
      }
    }
  });

  test("a shape that is fed", async () => {
    const fed: ModelSpec = {
      inputs: { x: { dtype: "float32", dims: ["n"] }, shape: { dtype: "int64", dims: ["rank"] } },
      nodes: [node("Reshape", ["x", "shape"], ["r"]), node("Softmax", ["r"], ["y"], { axis: -1 })],
      outputs: ["y"],
    };
    const session = await open(fed);
    for (const shape of [[2, 6], [3, -1], [12], [1, 2, 6], [2, 6]]) {
      const feeds = { x: floats([12]), shape: longs(...shape) };
      const expected = await runReference(model(fed), feeds);
      expect(
        difference((await session.run(feeds)).y as TensorData, expected.y as TensorData),
      ).toBeUndefined();
    }
  });
});

describe("sequences and optionals", () => {
  const tensor = (dims: readonly number[]) => draw.tensor("float32", dims);

  test("come out as values with what they hold", async () => {
    const session = await open({
      inputs: { x: { dtype: "float32", dims: [2, 3] } },
      nodes: [node("Neg", ["x"], ["n"]), node("SequenceConstruct", ["x", "n"], ["y"])],
      outputs: { y: { dtype: "float32", container: "sequence" } },
    });
    const x = floats([2, 3]);
    const { y } = (await session.run({ x })) as unknown as { y: { container: string; values: TensorData[] } };
    expect(y.container).toBe("sequence");
    expect(y.values.map(({ dims }) => dims)).toEqual([
      [2, 3],
      [2, 3],
    ]);
    expect(Array.from(y.values[1]?.data as Float32Array)).toEqual(values(x).map((value) => -value));
    expect(session.outputMetadata).toEqual([{ name: "y", isTensor: false }]);
  });

  test("go in the same way", async () => {
    const session = await open({
      inputs: { s: { dtype: "float32", container: "sequence" } },
      initializers: { k: longs(-1) },
      nodes: [node("ConcatFromSequence", ["s"], ["y"], { axis: 0 }), node("SequenceLength", ["s"], ["n"])],
      outputs: ["y", "n"],
    });
    for (const parts of [
      [tensor([1, 3]), tensor([2, 3])],
      [tensor([4, 3])],
      [tensor([1, 3]), tensor([1, 3]), tensor([1, 3])],
    ]) {
      const { y, n } = await session.run({
        s: { container: "sequence", dtype: "float32", values: parts } as never,
      });
      expect(y?.dims).toEqual([parts.reduce((sum, { dims }) => sum + (dims[0] as number), 0), 3]);
      expect(values(y)).toEqual(parts.flatMap(({ data }) => Array.from(data as Float32Array)));
      expect(values(n)).toEqual([parts.length]);
    }
  });
});

test("sessions run side by side without touching each other", async () => {
  const sessions = await Promise.all([1, 2, 3].map(() => InferenceSession.create(variedModel())));
  const feeds = variedFeeds();
  const results = await Promise.all(sessions.map((session) => session.run(feeds)));
  for (const result of results) expect(values(result.q)).toEqual(values(results[0]?.q));
  await sessions[0]?.release();
  expect(elementCount((await sessions[1]?.run(feeds))?.q?.dims ?? [])).toBe(3);
});

test("a session that failed does not keep the next one from working, again and again", async () => {
  for (let round = 0; round < 20; round++) {
    await expect(InferenceSession.create(variedModel().subarray(0, 900))).rejects.toThrow();
    const session = await InferenceSession.create(variedModel());
    await expect(session.run({})).rejects.toThrow();
    expect((await session.run(variedFeeds())).q?.dims).toEqual([1, 3]);
    await session.release();
  }
});
