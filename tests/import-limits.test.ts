import { onnx } from "onnx-proto";
import { describe, expect, test } from "vitest";
import { InferenceSession, ModelError, Tensor, UnsupportedOperatorError, UsageError } from "../src/index.ts";
import { decodeModel } from "../src/onnx/decode.ts";
import { importModel } from "../src/onnx/import.ts";
import {
  type FunctionSpec,
  join,
  type ModelSpec,
  message,
  model,
  modelProto,
  type NodeSpec,
  node,
} from "./support/onnx-model.ts";

const DOMAIN = "my.functions";
const opset = { "": 17, [DOMAIN]: 1 };
const x = { x: { dtype: "float32", dims: [2, 3] } } as const;

/** What the model's import gives or throws, which must not take long. */
function outcome(spec: ModelSpec, withinMs = 30_000, maxModelNodes?: number): unknown {
  const bytes = model(spec);
  const start = performance.now();
  try {
    return importModel(decodeModel(bytes), undefined, { maxModelNodes });
  } catch (error) {
    return error;
  } finally {
    expect(performance.now() - start).toBeLessThan(withinMs);
  }
}

const numbers = (tensor: Tensor | undefined): number[] => Array.from((tensor as Tensor).data as Float32Array);

/** f1 calls f0 twice, f2 f1 twice, and so on; `nodes` are those of f0. */
const doubling = (levels: number, nodes: readonly NodeSpec[], name = (i: number) => `f${i}`): ModelSpec => ({
  inputs: x,
  nodes: [node(name(levels), ["x"], ["y"], {}, DOMAIN)],
  outputs: ["y"],
  opset,
  functions: [
    { name: name(0), domain: DOMAIN, inputs: ["a"], outputs: ["b"], nodes },
    ...Array.from({ length: levels }, (_, i): FunctionSpec => {
      const inner = name(i);
      const calls = [node(inner, ["a"], ["t"], {}, DOMAIN), node(inner, ["t"], ["b"], {}, DOMAIN)];
      return { name: name(i + 1), domain: DOMAIN, inputs: ["a"], outputs: ["b"], nodes: calls };
    }),
  ],
});

const grows = /comes to more than \d+ nodes.*maxModelNodes/;

describe("what a file's functions may expand to", () => {
  test("2^24 nodes out of 3 KB", () => {
    const spec = doubling(24, [node("Neg", ["a"], ["b"])]);
    expect(model(spec).length).toBeLessThan(3100);
    const error = outcome(spec) as ModelError;
    expect(error).toBeInstanceOf(ModelError);
    expect(error.message).toMatch(grows);
  });

  test("2^24 calls of a function without nodes", () => {
    const error = outcome(doubling(24, []));
    expect(error).toBeInstanceOf(ModelError);
  });

  test("few nodes with names of a megabyte", () => {
    const long = "n".repeat(1 << 20);
    const error = outcome(doubling(12, [node("Neg", ["a"], [long]), node("Neg", [long], ["b"])]));
    expect((error as ModelError).message).toMatch(grows);
  });

  test("few nodes with long lists", () => {
    const many = Array.from({ length: 50_000 }, () => "a");
    const error = outcome(doubling(12, [node("Sum", many, ["b"])]));
    expect((error as ModelError).message).toMatch(grows);
  });

  test("a branch inside, doubled", () => {
    const branch = (op: string) => ({ nodes: [node(op, ["a"], ["r"])], outputs: ["r"] });
    const body = [
      node("Constant", [], ["c"], { value: { dtype: "bool", dims: [], data: Uint8Array.of(1) } }),
      node("If", ["c"], ["b"], { then_branch: branch("Neg"), else_branch: branch("Abs") }),
    ];
    expect((outcome(doubling(20, body)) as ModelError).message).toMatch(grows);
  });

  test("graphs nested by calls", () => {
    const name = (i: number) => `f${i}`;
    const spec = doubling(0, [node("Neg", ["a"], ["b"])]);
    const wraps = Array.from({ length: 31 }, (_, i): FunctionSpec => {
      let nodes: NodeSpec[] = [node(name(i), ["a"], ["r"], {}, DOMAIN)];
      for (let depth = 0; depth < 40; depth++) {
        const branch = { nodes, outputs: ["r"] };
        nodes = [
          node("If", ["c"], ["r"], { then_branch: branch, else_branch: { nodes: [], outputs: ["a"] } }),
        ];
      }
      const c = node("Constant", [], ["c"], { value: { dtype: "bool", dims: [], data: Uint8Array.of(1) } });
      const all = [c, ...nodes, node("Identity", ["r"], ["b"])];
      return { name: name(i + 1), domain: DOMAIN, inputs: ["a"], outputs: ["b"], nodes: all };
    });
    const functions = [...(spec.functions ?? []), ...wraps];
    const nested = { ...spec, nodes: [node("f31", ["x"], ["y"], {}, DOMAIN)], functions };
    expect((outcome(nested) as Error).message).toMatch(/nested deeper than 64/);
  });

  test("the option moves the limit", async () => {
    const spec = doubling(6, [node("Neg", ["a"], ["b"])]);
    expect((outcome(spec, 30_000, 63) as Error).message).toMatch(grows);
    const session = await InferenceSession.create(model(spec), { maxModelNodes: 300 });
    const { y } = await session.run({ x: new Tensor("float32", [1, 2, 3, 4, 5, 6], [2, 3]) });
    expect(numbers(y)).toEqual([1, 2, 3, 4, 5, 6]);
    await expect(InferenceSession.create(model(spec), { maxModelNodes: 0 })).rejects.toThrow(UsageError);
    const twice = InferenceSession.create(model(spec), { maxModelNodes: 100 });
    await expect(twice).rejects.toThrow(ModelError);
  });

  test("nodes of the file itself count", () => {
    const nodes = Array.from({ length: 20 }, (_, i) => node("Neg", [i === 0 ? "x" : `v${i - 1}`], [`v${i}`]));
    expect((outcome({ inputs: x, nodes, outputs: ["v19"] }, 30_000, 19) as Error).message).toMatch(grows);
    expect(outcome({ inputs: x, nodes, outputs: ["v19"] }, 30_000, 20)).not.toBeInstanceOf(Error);
  });

  test("fields of two bytes each", () => {
    const repeated = (field: number, bytes: readonly number[], count: number) =>
      message(
        field,
        Uint8Array.from({ length: bytes.length * count }, (_, i) => bytes[i % bytes.length] ?? 0),
      );
    // graph { initializer {} … }, graph { node { attribute {} … } }, functions { attribute_proto { g { node {} … } } }
    const files = [
      repeated(7, [0x2a, 0], 20_000),
      message(7, repeated(1, [0x2a, 0], 20_000)),
      join([message(7, new Uint8Array()), message(25, message(11, repeated(6, [0x0a, 0], 20_000)))]),
    ];
    for (const bytes of files)
      expect(() => decodeModel(bytes, { maxModelNodes: 1000 })).toThrow(/more fields than 1000 nodes have/);
    // A packed list is no such thing.
    const list = message(7, message(5, join([message(7, new Uint8Array(100_000)), Uint8Array.of(0x10, 7)])));
    expect(() => decodeModel(list, { maxModelNodes: 1000 })).toThrow(/the file has 100000/);
  });

  test("gradients of gradients", async () => {
    const one = { dtype: "float32", dims: [], data: Float32Array.of(1) } as const;
    const preview = "ai.onnx.preview.training";
    const nodes = [node("Div", ["one", "x"], ["y1"])];
    for (let i = 1; i < 20; i++)
      nodes.push(node("Gradient", ["x"], [`y${i + 1}`], { xs: ["x"], y: `y${i}` }, preview));
    const spec = {
      inputs: x,
      initializers: { one },
      nodes,
      outputs: ["y20"],
      opset: { "": 17, [preview]: 1 },
    };
    const creation = InferenceSession.create(model(spec), { maxModelNodes: 20_000 });
    await expect(creation).rejects.toThrow(grows);
  }, 60_000);
});

describe("graphs that do not hold together", () => {
  const flag = { dtype: "bool", dims: [] } as const;
  const changed = (spec: ModelSpec, change: (graph: onnx.IGraphProto) => void): Uint8Array => {
    const proto = modelProto(spec);
    change(proto.graph as onnx.IGraphProto);
    return new Uint8Array(onnx.ModelProto.encode(onnx.ModelProto.create(proto)).finish());
  };
  const sum: ModelSpec = {
    inputs: x,
    initializers: { w: { dtype: "float32", dims: [3], data: Float32Array.of(1, 2, 3) } },
    nodes: [node("Add", ["x", "w"], ["s"]), node("Flatten", ["s"], ["y"], { axis: 1 })],
    outputs: ["y"],
  };

  test("two initializers of one name", () => {
    const bytes = changed(sum, ({ initializer }) => initializer?.push({ ...initializer[0], floatData: [] }));
    expect(() => decodeModel(bytes)).toThrow(/^graph: two initializers are called "w"/);
    const sparse = changed(sum, (graph) => {
      graph.sparseInitializer = [{ values: graph.initializer?.[0] ?? null, dims: [2 ** 40] }];
    });
    expect(() => decodeModel(sparse)).toThrow(ModelError);
  });

  test("two attributes and two functions of one name", () => {
    const bytes = changed(sum, ({ node }) => {
      const list = node?.[1]?.attribute;
      list?.push({ ...list[0], i: 0 });
    });
    expect(() => decodeModel(bytes)).toThrow(/Flatten "Flatten_y": two attributes are called "axis"/);
    const spec = doubling(0, [node("Neg", ["a"], ["b"])]);
    const error = outcome({ ...spec, functions: [...(spec.functions ?? []), ...(spec.functions ?? [])] });
    expect((error as Error).message).toMatch(/two are called my.functions.f0/);
  });

  test("branches that declare inputs, within branches too", async () => {
    const plain = { nodes: [node("Neg", ["x"], ["r"])], outputs: ["r"] };
    const open = { ...plain, inputs: x, nodes: [node("Neg", ["x"], ["r"])] };
    const nested = {
      nodes: [node("If", ["c"], ["r"], { then_branch: plain, else_branch: open })],
      outputs: ["r"],
    };
    for (const branch of [open, nested]) {
      const nodes = [node("If", ["c"], ["y"], { then_branch: plain, else_branch: branch })];
      const spec = { inputs: { ...x, c: flag }, nodes, outputs: ["y"] };
      const creation = InferenceSession.create(model(spec));
      await expect(creation).rejects.toThrow(/If "If_[ry]".*must declare 0 inputs, it declares 1/);
      await expect(creation).rejects.toThrow(ModelError);
    }
  });

  test("bodies of loops that declare other inputs than they are given", async () => {
    const body = (inputs: ModelSpec["inputs"], outputs: readonly string[]) => ({
      inputs: inputs ?? {},
      nodes: [node("Neg", ["s"], ["r"]), node("Identity", ["c"], ["d"])],
      outputs,
    });
    const state = { s: x.x };
    const count = { dtype: "int64", dims: [] } as const;
    const cases: [NodeSpec, number][] = [
      [node("Loop", ["", "c", "x"], ["y"], { body: body({ i: count, c: flag }, ["d", "x"]) }), 3],
      [node("Loop", ["", "c"], [], { body: body({ i: count, c: flag, ...state }, ["d"]) }), 2],
      [node("Scan", ["x"], ["y"], { num_scan_inputs: 1, body: body({ ...state, t: x.x }, ["r"]) }), 1],
    ];
    for (const [one, expected] of cases) {
      const nodes = [one, node("Abs", ["x"], ["z"])];
      const error = outcome({ inputs: { ...x, c: flag, s: x.x }, nodes, outputs: ["z"] });
      expect(error).toBeInstanceOf(ModelError);
      expect((error as Error).message).toMatch(`must declare ${expected} inputs`);
    }
  });

  test("types nested without end", () => {
    let type: onnx.ITypeProto = { tensorType: { elemType: 1 } };
    for (let depth = 0; depth < 500; depth++) type = { sequenceType: { elemType: type } };
    const bytes = changed(sum, ({ input }) => input?.push({ name: "deep", type }));
    expect(() => decodeModel(bytes)).toThrow(/types are nested deeper than 64/);
  });
});

describe("import takes time in proportion to the file", () => {
  test("many branches beside many values", () => {
    const count = 6_000;
    const nodes = Array.from({ length: count }, (_, i) => {
      const branch = { nodes: [node("Neg", [`v${i}`], ["r"])], outputs: ["r"] };
      return node("If", ["c"], [`w${i}`], { then_branch: branch, else_branch: branch });
    });
    const values = Array.from({ length: count }, (_, i) => node("Neg", ["x"], [`v${i}`]));
    const spec = {
      inputs: { ...x, c: { dtype: "bool", dims: [] } as const },
      nodes: [...values, ...nodes],
      outputs: ["w0"],
    };
    expect(outcome(spec)).not.toBeInstanceOf(Error);
  }, 60_000);

  test("many inputs, and a cycle of many nodes in the wrong order", () => {
    const count = 20_000;
    const inputs = Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, x.x]));
    const nodes = Array.from({ length: count }, (_, i) => node("Add", [`v${i + 1}`, `x${i}`], [`v${i}`]));
    const last = [node("Neg", ["x0"], [`v${count}`])];
    expect(outcome({ inputs, nodes: [...nodes, ...last], outputs: ["v0"] })).not.toBeInstanceOf(Error);
    const circle = [node("Neg", ["v0"], [`v${count}`])];
    const error = outcome({ inputs, nodes: [...nodes, ...circle], outputs: ["v0"] });
    expect((error as Error).message).toMatch(/cycle/);
  }, 60_000);

  test("the facts of loops within loops, and of loops within those", async () => {
    const long = { dtype: "int64", dims: [] } as const;
    const flag = { dtype: "bool", dims: [] } as const;
    const state = { dtype: "float32", dims: [1] } as const;
    // Each round appends: the first turns the state's size unknown.
    let nodes: NodeSpec[] = [node("Concat", ["s", "s"], ["r"], { axis: 0 })];
    for (let depth = 0; depth < 24; depth++) {
      const body = {
        inputs: { [`i${depth}`]: long, [`c${depth}`]: flag, s: state },
        nodes: [...nodes, node("Identity", [`c${depth}`], [`d${depth}`])],
        outputs: [`d${depth}`, "r"],
      };
      nodes = [node("Loop", ["n", "", "s"], ["r"], { body })];
    }
    const spec: ModelSpec = {
      inputs: { s: state },
      initializers: { n: { dtype: "int64", dims: [], data: BigInt64Array.of(1n) } },
      nodes,
      outputs: ["r"],
    };
    const start = performance.now();
    const session = await InferenceSession.create(model(spec));
    expect(performance.now() - start).toBeLessThan(20_000);
    const { r } = await session.run({ s: new Tensor("float32", [3], [1]) });
    expect(numbers(r)).toEqual([3, 3]);
  });

  test("a long name before many nodes", async () => {
    const name = "n".repeat(1 << 20);
    const inner = Array.from({ length: 5000 }, (_, i) =>
      node("Neg", [i === 0 ? "x" : `v${i - 1}`], [`v${i}`]),
    );
    const branch = { nodes: inner, outputs: ["v4999"] };
    const c = { dtype: "bool", dims: [], data: Uint8Array.of(1) } as const;
    const choice = node("If", ["c"], ["y"], { then_branch: branch, else_branch: branch });
    const spec = { inputs: x, initializers: { c }, nodes: [{ ...choice, name }], outputs: ["y"] };
    const { y } = await (await InferenceSession.create(model(spec))).run({
      x: new Tensor("float32", [1, 2, 3, 4, 5, 6], [2, 3]),
    });
    expect(numbers(y)).toEqual([1, 2, 3, 4, 5, 6]);
  }, 60_000);

  test("an error that would name many nodes with long names", async () => {
    const name = "n".repeat(1 << 16);
    const nodes = Array.from({ length: 9000 }, (_, i) => ({
      ...node("Foo", ["x"], [`v${i}`]),
      name: `f${i}`,
    }));
    const branch = { nodes, outputs: ["v0"] };
    const choice = node("If", ["c"], ["y"], { then_branch: branch, else_branch: branch });
    const c = { dtype: "bool", dims: [], data: Uint8Array.of(1) } as const;
    const spec = { inputs: x, initializers: { c }, nodes: [{ ...choice, name }], outputs: ["y"] };
    const error = await InferenceSession.create(model(spec)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnsupportedOperatorError);
    expect((error as UnsupportedOperatorError).nodes).toHaveLength(18_000);
    expect((error as Error).message.length).toBeLessThan(1 << 20);
    expect((error as Error).message).toMatch(/18000 unsupported nodes.*and 17500 more/);
  });
});
