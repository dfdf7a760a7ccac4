import { describe, expect, test, vi } from "vitest";
import { MemoryError } from "../../src/errors.ts";
import { finish } from "../../src/interruptible.ts";
import { graphBuilder } from "../../src/nn/build.ts";
import { decodeModel } from "../../src/onnx/decode.ts";
import { importModel } from "../../src/onnx/import.ts";
import { createRunner, type Program, type Runner } from "../../src/runner.ts";
import { createExecutor } from "../../src/runtime/executor.ts";
import { InferenceSession } from "../../src/session.ts";
import { Tensor, type TensorData } from "../../src/tensor.ts";
import { model, node } from "../support/onnx-model.ts";

const KB = 1024;
const COLUMNS = 64;

const filled = (dims: readonly number[], value: number): TensorData => ({
  dtype: "float32",
  dims,
  data: new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(value),
});

/** Rows times a matrix of so many rows, which takes 256 bytes a row. */
const product = (key: string, depth: number): Program => ({
  key,
  graph() {
    const builder = graphBuilder({ name: key });
    const weights = builder.constant("weights", filled([depth, COLUMNS], 1));
    const x = builder.input("x", "float32", ["N", depth]);
    builder.output(builder.node("MatMul", [x, weights], {}, { outputs: ["y"] }));
    return builder.finish();
  },
});

const runnerOf = (maxBytes?: number): Runner => {
  const executor = createExecutor("plain", undefined, maxBytes);
  vi.spyOn(executor, "forget");
  return createRunner(executor, { level: "all" });
};

/** Runs a product on rows of ones. */
function expectProduct(runner: Runner, program: Program, rows: number, depth: number): void {
  const feeds = new Map([["x", filled([rows, depth], 1)]]);
  const [result] = finish(runner.alone(runner.running(program, feeds, ["y"])));
  expect(result).toEqual(filled([rows, COLUMNS], depth));
}

describe("a plan that finds no room", () => {
  test("has that of the others' constants", () => {
    const runner = runnerOf(512 * KB);
    const [one, other] = [product("one", 1200), product("other", 1200)];
    expectProduct(runner, one, 1, 1200);
    expect(runner.executor.forget).not.toHaveBeenCalled();
    for (let round = 0; round < 3; round++) {
      expectProduct(runner, other, 1, 1200);
      expectProduct(runner, one, 1, 1200);
    }
    expect(runner.executor.forget).toHaveBeenCalled();
    expect(runner.executor.memoryUsage().totalBytes).toBeLessThanOrEqual(512 * KB);
  });

  test("has that of the others' arena", () => {
    const runner = runnerOf(512 * KB);
    const [wide, deep] = [product("wide", 1), product("deep", 1200)];
    for (let round = 0; round < 3; round++) {
      expectProduct(runner, wide, 1200, 1);
      expect(runner.executor.memoryUsage().arenaBytes).toBeGreaterThan(300 * KB);
      expectProduct(runner, deep, 1, 1200);
      expect(runner.executor.memoryUsage().arenaBytes).toBeLessThan(100 * KB);
    }
  });

  test("is a MemoryError where there is none even so, and the others run again", () => {
    const runner = runnerOf(512 * KB);
    const [one, large] = [product("one", 1200), product("large", 3000)];
    for (let round = 0; round < 3; round++) {
      expectProduct(runner, one, 1, 1200);
      expect(() => expectProduct(runner, large, 1, 3000)).toThrow(MemoryError);
    }
  });
});

describe("of what a runner has made", () => {
  test("it keeps what was used last", () => {
    const runner = runnerOf();
    const often = product("often", 10);
    const graph = vi.spyOn(often, "graph");
    for (let i = 0; i < 200; i++) {
      expectProduct(runner, product(`${i}`, 10), 1, 10);
      expectProduct(runner, often, 1, 10);
    }
    expect(graph).toHaveBeenCalledTimes(1);
    // A prepared graph and a stage each, 32 in all: what has been forgotten has given back its weights.
    expect(runner.executor.memoryUsage().constantBytes).toBeLessThan(16.5 * 10 * COLUMNS * 4);
    expect(runner.executor.forget).toHaveBeenCalledTimes(200 - 15);
  });

  test("it forgets by key, with the stages", () => {
    const runner = runnerOf();
    for (const key of ["a 1", "a 2", "b 1"])
      for (const rows of [1, 2, 3]) expectProduct(runner, product(key, 10), rows, 10);
    const { constantBytes } = runner.executor.memoryUsage();
    runner.forget("a ");
    expect(runner.executor.forget).toHaveBeenCalledTimes(6);
    expect(runner.executor.memoryUsage().constantBytes).toBe(constantBytes / 3);
    runner.forget("");
    expect(runner.executor.memoryUsage()).toMatchObject({ constantBytes: 0, arenaBytes: 0 });
  });
});

test("one piece of work at a time, and the executor is released when it has ended", () => {
  const runner = runnerOf();
  const released = vi.spyOn(runner.executor, "release");
  const work = runner.alone(
    (function* () {
      yield;
      return 3;
    })(),
  );
  expect(runner.isFree).toBe(true);
  work.next();
  expect(runner.isFree).toBe(false);
  expect(() => finish(runner.alone(work))).toThrow("a run is under way");
  runner.release();
  expect(released).not.toHaveBeenCalled();
  expect(work.next().value).toBe(3);
  expect(released).toHaveBeenCalledTimes(1);
  expect(runner.isFree).toBe(false);
});

/** So many values of which the next one needs to know how many are larger than zero. */
const chain = (length: number): Uint8Array =>
  model({
    inputs: { x0: { dtype: "float32", dims: ["n"] } },
    outputs: [`x${length}`],
    initializers: {
      zero: { dtype: "float32", dims: [], data: Float32Array.of(0) },
      one: { dtype: "float32", dims: [], data: Float32Array.of(1) },
      column: { dtype: "int64", dims: [1], data: BigInt64Array.of(-1n) },
    },
    nodes: Array.from({ length }, (_, i) => [
      node("Greater", [`x${i}`, "zero"], [`g${i}`]),
      node("NonZero", [`g${i}`], [`p${i}`]),
      node("Reshape", [`p${i}`, "column"], [`f${i}`]),
      node("Gather", [`x${i}`, `f${i}`], [`l${i}`]),
      node("Sub", [`l${i}`, "one"], [`x${i + 1}`]),
    ]).flat(),
  });

test("a run keeps all its stages, however many", () => {
  const runner = runnerOf();
  const program = { key: "", graph: () => importModel(decodeModel(chain(40))).graph };
  const graph = vi.spyOn(program, "graph");
  const x = Float32Array.from({ length: 60 }, (_, i) => i + 0.5);
  const feeds = new Map([["x0", { dtype: "float32", dims: [60], data: x } satisfies TensorData]]);
  for (let i = 0; i < 3; i++) {
    const [result] = finish(runner.alone(runner.running(program, feeds, ["x40"])));
    expect((result as TensorData).data).toEqual(Float32Array.from({ length: 21 }, (_, i) => i - 0.5));
  }
  expect(graph).toHaveBeenCalledTimes(1);
  expect(runner.executor.forget).not.toHaveBeenCalled();
  runner.forget("");
  expect(runner.executor.forget).toHaveBeenCalledTimes(41);
});

test("values fetched from inside, whichever, hold no more than a few", async () => {
  const names = Array.from({ length: 100 }, (_, i) => `v${i}`);
  const spec = {
    inputs: { v0: { dtype: "float32", dims: [1, 16] } },
    outputs: ["v100"],
    initializers: Object.fromEntries(names.map((name, i) => [`w${name}`, filled([16, 16], i)])),
    nodes: names.map((name, i) => node("MatMul", [name, `w${name}`], [`v${i + 1}`])),
  } as const;
  using session = await InferenceSession.create(model(spec));
  const feeds = { v0: new Tensor("float32", new Float32Array(16), [1, 16]) };
  const held = new Set<number>();
  for (const name of names.slice(1)) {
    await session.run(feeds, [name]);
    if (Number(name.slice(1)) > 50) held.add(session.memoryUsage().totalBytes);
  }
  expect(held.size).toBe(1);
});
