import { onnx } from "onnx-proto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as ort from "../../src/ort/index.ts";
import { sayOnce } from "../../src/ort/log.ts";
import * as options from "../../src/ort/options.ts";
import { model, modelProto, node } from "../support/onnx-model.ts";
import { SMALL_MODEL_DIMS, smallModel } from "../support/small-model.ts";
import { floatsOf, untyped } from "./implementations.ts";

const small = smallModel();
const { InferenceSession, Tensor } = ort;

const sessionOptionsOf = (given: ort.InferenceSession.SessionOptions) =>
  options.sessionOptionsOf(given, (remark) => sayOnce(remark, given.logSeverityLevel));

let warnings: string[];
let infos: string[];

beforeEach(() => {
  [warnings, infos] = [[], []];
  vi.spyOn(console, "warn").mockImplementation((text) => void warnings.push(String(text)));
  vi.spyOn(console, "info").mockImplementation((text) => void infos.push(String(text)));
});

const flags = { ...ort.env.wasm };

afterEach(() => {
  vi.restoreAllMocks();
  for (const name of Object.keys(ort.env.wasm)) delete (ort.env.wasm as Record<string, unknown>)[name];
  Object.assign(ort.env.wasm, flags);
  ort.env.logLevel = "warning";
});

describe("executionProviders", () => {
  test.each([["cpu"], ["wasm"], [{ name: "cpu", useArena: true }], [{ name: "wasm" }]])(
    "may be %j",
    async (provider) => {
      const session = await InferenceSession.create(small, { executionProviders: [provider] });
      expect(session.inputNames).toEqual(["x"]);
      expect(warnings).toEqual([]);
    },
  );

  test("may be left out, or none", async () => {
    for (const options of [{}, { executionProviders: [] }])
      expect((await InferenceSession.create(small, options)).inputNames).toEqual(["x"]);
  });

  test("with one that there is not, and one that there is, warns of the first", async () => {
    await InferenceSession.create(small, { executionProviders: ["webgpu", "cpu"] });
    expect(warnings.join()).toContain('removing requested execution provider "webgpu"');
  });

  test.each([[["webgpu"]], [["cuda", "webgl"]], [[{ name: "webnn", deviceType: "cpu" }]]])(
    "with nothing that a CPU can serve are refused: %j",
    async (executionProviders) => {
      await expect(InferenceSession.create(small, { executionProviders })).rejects.toThrow(
        /no available backend found. ERR: \[\w+] backend not found/,
      );
    },
  );

  test("are listed", () => {
    expect(ort.listSupportedBackends().map(({ name }) => name)).toEqual(["cpu", "wasm"]);
  });
});

describe("env", () => {
  test("has flags that may be assigned", () => {
    Object.assign(ort.env.wasm, { numThreads: 1, simd: true, proxy: false, wasmPaths: "/wasm/" });
    Object.assign(ort.env.webgpu, { powerPreference: "high-performance" });
    Object.assign(ort.env.webgl, { contextId: "webgl" });
    ort.env.debug = true;
    expect([ort.env.wasm.wasmPaths, ort.env.webgl.contextId, ort.env.debug]).toEqual([
      "/wasm/",
      "webgl",
      true,
    ]);
    expect(ort.env.webgpu.powerPreference).toBe("high-performance");
    ort.env.debug = false;
  });

  test("says the versions", () => {
    expect(Object.keys(ort.env.versions)).toEqual(["common", "lanewise"]);
  });

  test("refuses a log level that there is not", () => {
    expect(() => Object.assign(ort.env, { logLevel: "loud" })).toThrow("Unsupported logging level: loud");
  });

  test.each([
    [undefined, "auto"],
    [true, "auto"],
    [false, "auto"],
    ["fixed", "plain"],
    ["relaxed", "relaxed"],
  ] as const)("with wasm.simd %s takes the kernels %s", async (simd, expected) => {
    Object.assign(ort.env.wasm, { simd });
    expect((await sessionOptionsOf({})).simd).toBe(expected);
  });
});

describe("threads", () => {
  test.each([
    [{}, undefined, undefined],
    [{}, 1, undefined],
    [{}, 3, 3],
    [{}, 0, "auto"],
    [{}, 1000, 64],
    [{ intraOpNumThreads: 2 }, 3, 2],
    [{ intraOpNumThreads: 0 }, 3, 3],
    [{ intraOpNumThreads: 1 }, 3, undefined],
  ])("with %j and wasm.numThreads %s: %s", async (options, numThreads, expected) => {
    Object.assign(ort.env.wasm, { numThreads });
    const { threads, threading } = await sessionOptionsOf(options);
    expect(threads).toBe(expected);
    expect(threading !== undefined).toBe(expected !== undefined);
  });
});

describe("what cannot be honoured", () => {
  test.each([
    ["executionMode", { executionMode: "parallel" }],
    ["interOpNumThreads", { interOpNumThreads: 2 }],
    ["enableCpuMemArena", { enableCpuMemArena: false }],
    ["enableMemPattern", { enableMemPattern: false }],
    ["enableGraphCapture", { enableGraphCapture: true }],
    ["optimizedModelFilePath", { optimizedModelFilePath: "optimized.onnx" }],
    ['preferredOutputLocation "gpu-buffer"', { preferredOutputLocation: "gpu-buffer" }],
    ['preferredOutputLocation "ml-tensor"', { preferredOutputLocation: { y: "ml-tensor" } }],
    ["extra.session", { extra: { session: { disable_prepacking: "1" } } }],
  ] as const)("warns once: %s", async (about, options) => {
    await sessionOptionsOf(options);
    await sessionOptionsOf(options);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`lanewise/ort: ${about}: `);
  });

  test("warns once: env.wasm.proxy", async () => {
    ort.env.wasm.proxy = true;
    await InferenceSession.create(small);
    await InferenceSession.create(small);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("env.wasm.proxy");
  });

  test("warns once: what onnxruntime's core would take of a run", async () => {
    const session = await InferenceSession.create(small);
    const feeds = () => ({ x: new Tensor("float32", new Float32Array(1440), SMALL_MODEL_DIMS) });
    for (let i = 0; i < 2; i++)
      await session.run(feeds(), { extra: { memory: { enable_memory_arena_shrinkage: "1" } } });
    expect(warnings).toEqual([expect.stringMatching(/^lanewise\/ort: extra of run\.memory: /)]);
  });

  test("is said at its level alone, and not used up below it", async () => {
    ort.env.wasm.wasmPaths = "/wasm/";
    await sessionOptionsOf({});
    await sessionOptionsOf({ logSeverityLevel: 3 });
    expect([warnings, infos]).toEqual([[], []]);
    ort.env.logLevel = "info";
    await sessionOptionsOf({ logSeverityLevel: 4 });
    expect(infos).toEqual([]);
    await sessionOptionsOf({});
    await sessionOptionsOf({});
    expect(infos).toHaveLength(1);
  });

  test("says nothing of what lanewise does anyway", async () => {
    await sessionOptionsOf({
      executionMode: "sequential",
      interOpNumThreads: 1,
      enableCpuMemArena: true,
      enableMemPattern: true,
      preferredOutputLocation: "cpu",
      logId: "one",
      logVerbosityLevel: 0,
      graphOptimizationLevel: "all",
    });
    expect(warnings).toEqual([]);
  });
});

test("graphOptimizationLevel and freeDimensionOverrides are lanewise's own", async () => {
  const bytes = model({
    inputs: { x: { dtype: "float32", dims: ["n", 2] } },
    outputs: { y: { dtype: "float32", dims: ["n", 2] } },
    nodes: [node("Neg", ["x"], ["y"])],
  });
  const session = await InferenceSession.create(bytes, {
    graphOptimizationLevel: "disabled",
    freeDimensionOverrides: { n: 3, unknown: 1 },
  });
  expect(session.inputMetadata[0]).toMatchObject({ shape: [3, 2] });
});

describe("externalData", () => {
  const proto = modelProto({
    inputs: { x: { dtype: "float32", dims: [2] } },
    outputs: { y: { dtype: "float32", dims: [2] } },
    nodes: [node("Add", ["x", "w"], ["y"])],
  });
  const weights = new Uint8Array(Float32Array.of(10, 20).buffer);
  const entry = { key: "location", value: "weights.bin" };
  (proto.graph as onnx.IGraphProto).initializer = [
    { name: "w", dims: [2], dataType: 1, dataLocation: 1, externalData: [entry] },
  ];
  const bytes = new Uint8Array(onnx.ModelProto.encode(onnx.ModelProto.create(proto)).finish());

  test.each([
    ["bytes", weights],
    ["a buffer", weights.buffer],
    ["a Blob", new Blob([weights])],
  ])("may be %s", async (_, data) => {
    const options = { externalData: [{ path: "./weights.bin", data: untyped(data) }] };
    const session = await InferenceSession.create(bytes, options);
    expect(floatsOf((await session.run({ x: new Tensor("float32", [1, 2]) })).y)).toEqual([11, 22]);
  });

  test("given as a string is known by its last part", async () => {
    const { externalData } = await sessionOptionsOf({ externalData: ["https://example.org/a/weights.bin"] });
    expect(externalData?.map(({ path }) => path)).toEqual([
      "https://example.org/a/weights.bin",
      "weights.bin",
    ]);
  });
});

test("a run takes tag and log levels, and goes as without", async () => {
  const session = await InferenceSession.create(small);
  const x = new Tensor("float32", new Float32Array(1440).fill(1), SMALL_MODEL_DIMS);
  const options = { tag: "one", logSeverityLevel: 0, logVerbosityLevel: 0 } as const;
  expect(floatsOf((await session.run({ x }, options)).y)).toEqual(floatsOf((await session.run({ x })).y));
});
