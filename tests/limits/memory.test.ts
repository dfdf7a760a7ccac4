import { describe, expect, test } from "vitest";
import { InferenceSession, MemoryError, Tensor } from "../../src/index.ts";
import { type ModelSpec, model, node } from "../support/onnx-model.ts";

const MEBIBYTE = 2 ** 20;
const LIMIT = 256 * MEBIBYTE;
/** 100 ms where nothing else runs; tests share the machine. */
const SOON_MS = 2000;

const longs = (...values: number[]) =>
  new Tensor("int64", BigInt64Array.from(values.map(BigInt)), [values.length]);
const long = (value: number) => new Tensor("int64", BigInt64Array.of(BigInt(value)), []);
const floats = (...values: number[]) => new Tensor("float32", values, [values.length]);
const zeros = (...dims: number[]) =>
  new Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);

/** Small inputs, and what a node would make of them. */
interface Flood {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attributes?: Parameters<typeof node>[3];
  /** Whether lanewise does it within the limit: what is large is only what others make on the way. */
  readonly fits?: true;
}

const FLOODS: Readonly<Record<string, Flood>> = {
  "ConstantOfShape of 1 GB": { op: "ConstantOfShape", inputs: [longs(2 ** 28)] },
  "Range of 2^28": { op: "Range", inputs: [long(0), long(2 ** 28), long(1)] },
  "OneHot of depth 2^28": { op: "OneHot", inputs: [longs(1, 2, 3), long(2 ** 28), floats(0, 1)] },
  "Einsum of an outer product": {
    op: "Einsum",
    inputs: [zeros(64, 4, 4, 4), zeros(64, 64, 8, 8)],
    attributes: { equation: "abcd,efgh->abcdefgh" },
  },
  "Einsum that sums an outer product": {
    op: "Einsum",
    inputs: [zeros(16, 16, 16, 16), zeros(16, 16, 16, 16)],
    attributes: { equation: "abcd,efgh->a" },
    fits: true,
  },
  RandomNormal: { op: "RandomNormal", inputs: [], attributes: { shape: [2 ** 14, 2 ** 14] } },
  "Cast to string": { op: "Cast", inputs: [zeros(6 * MEBIBYTE)], attributes: { to: 8 } },
  "Resize by 1e9": {
    op: "Resize",
    inputs: [zeros(1, 1, 2, 2), floats(), floats(1, 1, 1e9, 1)],
  },
  "Resize to 1e9": {
    op: "Resize",
    inputs: [zeros(1, 1, 2, 2), floats(), floats(), longs(1, 1, 1_000_000_000, 1)],
  },
  Tile: { op: "Tile", inputs: [zeros(4), longs(2 ** 28)] },
  Expand: { op: "Expand", inputs: [zeros(1), longs(2 ** 15, 2 ** 15)] },
  Pad: { op: "Pad", inputs: [zeros(4), longs(0, 2 ** 30)] },
  Upsample: { op: "Upsample", inputs: [zeros(1, 1, 64, 64), floats(1, 1, 1e4, 1e4)] },
};

/** The node alone in a model: its inputs constants, or fed, so that nothing is known before the run. */
function floodModel({ op, inputs, attributes }: Flood, fed: boolean): ModelSpec {
  const names = inputs.map((_, i) => `x${i}`);
  const named = inputs.map((tensor, i) => [names[i] as string, tensor] as const);
  return {
    opset: op === "Upsample" ? 9 : 17,
    inputs: fed
      ? Object.fromEntries(named.map(([name, { type, dims }]) => [name, { dtype: type, dims }]))
      : {},
    initializers: fed ? {} : Object.fromEntries(named),
    nodes: [
      node(
        op,
        names.map((name, i) => (inputs[i]?.size === 0 ? "" : name)),
        ["big"],
        attributes,
      ),
      // So that what is large is a value in between.
      ...(op === "Cast" ? [] : [node("Shape", ["big"], ["shape"]), node("Identity", ["big"], ["y"])]),
    ],
    outputs: [op === "Cast" ? "big" : "y"],
  };
}

async function outcome(flood: Flood, fed: boolean, maxMemoryBytes?: number) {
  const start = performance.now();
  try {
    const session = await InferenceSession.create(model(floodModel(flood, fed)), {
      ...(maxMemoryBytes !== undefined && { maxMemoryBytes }),
    });
    const feeds = Object.fromEntries(
      flood.inputs.flatMap((tensor, i) => (fed && tensor.size > 0 ? [[`x${i}`, tensor] as const] : [])),
    );
    await session.run(feeds);
    return { error: undefined, ms: performance.now() - start };
  } catch (error) {
    return { error, ms: performance.now() - start };
  }
}

describe.each([
  ["constants", false],
  ["fed values", true],
] as const)("more than maxMemoryBytes from %s", (_, fed) => {
  test.each(Object.entries(FLOODS))("%s ends as MemoryError, soon", async (_, flood) => {
    if (fed && (flood.op === "RandomNormal" || flood.inputs.some(({ size }) => size === 0))) return;
    const { error, ms } = await outcome(flood, fed, LIMIT);
    if (flood.fits) expect(error).toBeUndefined();
    else {
      expect(error).toBeInstanceOf(MemoryError);
      expect((error as MemoryError).bytes).toBeGreaterThan(LIMIT);
    }
    expect(ms).toBeLessThan(SOON_MS);
  });
});

test("what a Loop gathers counts, and so does a sequence that grows", async () => {
  const body = {
    inputs: {
      i: { dtype: "int64" as const, dims: [] },
      c: { dtype: "bool" as const, dims: [] },
      s: { dtype: "float32" as const, dims: [MEBIBYTE] },
    },
    nodes: [node("Identity", ["s"], ["t"]), node("Identity", ["s"], ["scan"])],
    outputs: ["c", "t", "scan"],
  };
  const session = await InferenceSession.create(
    model({
      inputs: { trips: { dtype: "int64", dims: [] }, x: { dtype: "float32", dims: [MEBIBYTE] } },
      nodes: [node("Loop", ["trips", "", "x"], ["end", "scans"], { body })],
      outputs: ["scans"],
    }),
    { maxMemoryBytes: 64 * MEBIBYTE },
  );
  const run = session.run({ trips: long(1e9), x: zeros(MEBIBYTE) });
  await expect(run).rejects.toThrow(/Loop .*needs \d+ bytes, allowed are/);
  await expect(run).rejects.toBeInstanceOf(MemoryError);
  expect((await session.run({ trips: long(2), x: zeros(MEBIBYTE) })).scans?.dims).toEqual([2, MEBIBYTE]);
});

test("a session's memory stays below maxMemoryBytes, and says what it needs", async () => {
  const spec: ModelSpec = {
    inputs: { x: { dtype: "float32", dims: ["n", 1024] } },
    initializers: { w: zeros(1024, 1024) },
    nodes: [node("MatMul", ["x", "w"], ["h"]), node("Relu", ["h"], ["y"])],
    outputs: ["y"],
  };
  const maxMemoryBytes = 8 * MEBIBYTE;
  const session = await InferenceSession.create(model(spec), { maxMemoryBytes });
  expect((await session.run({ x: zeros(1, 1024) })).y?.dims).toEqual([1, 1024]);
  await expect(session.run({ x: zeros(1024, 1024) })).rejects.toBeInstanceOf(MemoryError);
  expect((await session.run({ x: zeros(2, 1024) })).y?.dims).toEqual([2, 1024]);
  expect(session.memoryUsage().totalBytes).toBeLessThanOrEqual(maxMemoryBytes);
});

describe("without a limit", () => {
  // Those that take a second; by hand all of them: LANEWISE_FLOODS=all
  const some = process.env.LANEWISE_FLOODS === "all" ? /./ : /Einsum|Resize by|Tile|Upsample/;
  test.each(Object.entries(FLOODS).filter(([name]) => some.test(name)))(
    "%s completes or ends as MemoryError",
    { timeout: 600_000 },
    async (_, flood) => {
      const { error } = await outcome(flood, false);
      if (error !== undefined) expect(error).toBeInstanceOf(MemoryError);
    },
  );
});
