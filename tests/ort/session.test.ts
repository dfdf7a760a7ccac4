import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ModelError } from "../../src/index.ts";
import * as ort from "../../src/ort/index.ts";
import { model, node } from "../support/onnx-model.ts";
import { floatsOf, IMPLEMENTATIONS, untyped } from "./implementations.ts";

/** `a + b` and `a - b`, of two rows that may be as long as one likes. */
const bytes = model({
  inputs: { a: { dtype: "float32", dims: ["rows", 2] }, b: { dtype: "float32", dims: ["rows", 2] } },
  outputs: {
    sum: { dtype: "float32", dims: ["rows", 2] },
    difference: { dtype: "float32", dims: ["rows", 2] },
  },
  nodes: [node("Add", ["a", "b"], ["sum"]), node("Sub", ["a", "b"], ["difference"])],
});

const folder = mkdtempSync(join(tmpdir(), "lanewise-ort-"));
const path = join(folder, "model.onnx");
writeFileSync(path, bytes);
afterAll(() => rmSync(folder, { recursive: true }));

const within = new Uint8Array(bytes.length + 8);
within.set(bytes, 5);
const buffer = bytes.slice().buffer;

describe.each(IMPLEMENTATIONS)("InferenceSession of %s", (name, { InferenceSession, Tensor }) => {
  const own = name === "lanewise/ort";
  const create = InferenceSession.create as (...args: unknown[]) => Promise<ort.InferenceSession>;
  const a = new Tensor("float32", [1, 2, 3, 4], [2, 2]);
  const b = new Tensor("float32", [5, 6, 7, 8], [2, 2]);

  describe("create", () => {
    test.each([
      ["a path", [path]],
      ["a path and options", [path, { graphOptimizationLevel: "basic" }]],
      ["bytes", [bytes]],
      ["bytes and options", [bytes, {}]],
      ["a buffer", [buffer]],
      ["a buffer and options", [buffer, {}]],
      ["a part of a buffer", [within.buffer, 5, bytes.length]],
      ["a part of a buffer and options", [within.buffer, 5, bytes.length, {}]],
    ])("takes %s", async (_, args) => {
      const session = await create(...args);
      expect(session.inputNames).toEqual(["a", "b"]);
      await session.release();
    });

    test.each([
      ["nothing", [], TypeError],
      ["a number", [7], TypeError],
      ["null", [null], TypeError],
      ["options that are no object", [path, 5], TypeError],
      ["options that are null", [bytes, null], TypeError],
      ["an offset that is no integer", [buffer, 1.5], RangeError],
      ["an offset that is negative", [buffer, -1], RangeError],
      ["an offset beyond the end", [buffer, buffer.byteLength], RangeError],
      ["a length that is no integer", [buffer, 0, 1.5], RangeError],
      ["a length of nothing", [buffer, 0, 0], RangeError],
      ["a length beyond the end", [buffer, 0, buffer.byteLength + 1], RangeError],
      ["a length that is no number", [buffer, 0, "all"], TypeError],
      ["options after a part that are no object", [buffer, 0, 8, 1], TypeError],
      ["a level that there is not", [bytes, { graphOptimizationLevel: "most" }], Error],
      ["bytes that are no model", [Uint8Array.of(255, 255, 255)], Error],
      ["a path to nothing", [join(folder, "none.onnx")], Error],
    ])("refuses %s", async (_, args, error) => {
      await expect(create(...args)).rejects.toThrow(error);
    });
  });

  test("says what goes in and comes out", async () => {
    const session = await create(bytes);
    expect(session.inputNames).toEqual(["a", "b"]);
    expect(session.outputNames).toEqual(["sum", "difference"]);
    const shape = ["rows", 2];
    expect(session.inputMetadata).toEqual(
      ["a", "b"].map((name) => ({ name, isTensor: true, type: "float32", shape })),
    );
    expect(session.outputMetadata).toEqual(
      ["sum", "difference"].map((name) => ({ name, isTensor: true, type: "float32", shape })),
    );
    await session.release();
  });

  describe("run", () => {
    const opened = create(bytes, { logSeverityLevel: 4 });
    const run = async (...args: unknown[]) => {
      const session = await opened;
      return (session.run as (...args: unknown[]) => ReturnType<typeof session.run>).apply(session, args);
    };

    test.each([
      ["nothing more", [], ["sum", "difference"]],
      ["options", [{ tag: "one" }], ["sum", "difference"]],
      ["no options", [undefined], ["sum", "difference"]],
      ["names", [["difference"]], ["difference"]],
      ["names and options", [["sum"], { tag: "one" }], ["sum"]],
      ["names with null", [{ sum: null }], ["sum"]],
      ["names with null, and options", [{ difference: null, sum: null }, {}], ["difference", "sum"]],
    ])("takes feeds and %s", async (_, args, names) => {
      const results = await run({ a, b }, ...args);
      expect(Object.keys(results).sort()).toEqual([...names].sort());
      for (const tensor of Object.values(results)) expect(tensor).toBeInstanceOf(Tensor);
      if (results.sum) expect(floatsOf(results.sum)).toEqual([6, 8, 10, 12]);
      if (results.difference) expect(floatsOf(results.difference)).toEqual([-4, -4, -4, -4]);
    });

    test.each([
      ["no feeds", [], TypeError, "'feeds' must be an object"],
      ["null for feeds", [null], TypeError, "'feeds' must be an object"],
      ["a tensor for feeds", [a], TypeError, "'feeds' must be an object"],
      ["an array for feeds", [[a, b]], TypeError, "'feeds' must be an object"],
      ["feeds that lack one", [{ a }], Error, "input 'b' is missing in 'feeds'."],
      ["null for fetches", [{ a, b }, null], TypeError, "cannot be null"],
      ["a tensor for fetches", [{ a, b }, a], TypeError, "'fetches' cannot be a Tensor"],
      ["no names at all", [{ a, b }, []], TypeError, "'fetches' cannot be an empty array."],
      ["names that are none", [{ a, b }, [1]], TypeError, "'fetches' must be a string array or an object."],
      ["a name that there is not", [{ a, b }, ["c"]], RangeError, "invalid output name: c"],
      ["a number for fetches", [{ a, b }, 1], TypeError, "must be 'fetches' or 'options'"],
      ["a number for options", [{ a, b }, ["sum"], 1], TypeError, "'options' must be an object."],
      ["null for options", [{ a, b }, ["sum"], null], TypeError, "'options' must be an object."],
      ["options of names with null that are none", [{ a, b }, { sum: null }, "x"], TypeError, "'options'"],
    ])("refuses %s", async (_, args, error, text) => {
      const failing = run(...args);
      await expect(failing).rejects.toThrow(error);
      await expect(failing).rejects.toThrow(text);
    });

    test.each([
      ["of another type", new Tensor("int32", [1, 2, 3, 4], [2, 2])],
      ["of another rank", new Tensor("float32", [1, 2, 3, 4], [4])],
      ["of another size", new Tensor("float32", [1, 2, 3, 4], [1, 4])],
    ])("refuses an input %s", async (_, wrong) => {
      await expect(run({ a, b: wrong })).rejects.toThrow();
    });

    test("refuses an input that has been disposed", async () => {
      const gone = new Tensor("float32", [1, 2], [1, 2]);
      gone.dispose();
      await expect(run({ a: gone, b: gone })).rejects.toThrow();
    });

    test("fills a tensor that is given for an output, and gives it back", async () => {
      const sum = new Tensor("float32", new Float32Array(4), [2, 2]);
      const results = await run({ a, b }, { sum, difference: null });
      // onnxruntime-node gives another tensor, as it was.
      if (own) expect(results.sum).toBe(sum);
      expect(floatsOf(sum)).toEqual([6, 8, 10, 12]);
      expect(floatsOf(results.difference)).toEqual([-4, -4, -4, -4]);
    });

    test("refuses a tensor for an output that has another shape", async () => {
      const sum = new Tensor("float32", new Float32Array(6), [3, 2]);
      await expect(run({ a, b }, { sum })).rejects.toThrow();
    });

    test("does what several ask of it at once", async () => {
      const scaled = (n: number) => new Tensor("float32", [n, n, n, n], [2, 2]);
      const results = await Promise.all([1, 2, 3].map((n) => run({ a: scaled(n), b: scaled(n) }, ["sum"])));
      expect(results.map(({ sum }) => floatsOf(sum)[0])).toEqual([2, 4, 6]);
    });
  });

  test("a released session runs no more", async () => {
    const session = await create(bytes);
    await session.release();
    await expect(session.run({ a, b })).rejects.toThrow();
  });

  test("has no session made otherwise than by create", () => {
    expect(typeof InferenceSession.create).toBe("function");
    if (own) expect(ort.InferenceSession).toBe(ort.default.InferenceSession);
  });
});

describe("beyond onnxruntime-common, InferenceSession", () => {
  test.each([
    ["a Blob", new Blob([bytes.slice()])],
    ["a File", new File([bytes.slice()], "model.onnx")],
  ])("takes %s", async (_, blob) => {
    const session = await ort.InferenceSession.create(blob, { executionProviders: ["wasm"] });
    expect(session.inputNames).toEqual(["a", "b"]);
    await session.release();
  });

  test("lets lanewise's errors through as they are", async () => {
    await expect(ort.InferenceSession.create(Uint8Array.of(255, 255))).rejects.toThrow(ModelError);
  });

  test("takes tensors of another copy of onnxruntime-common", async () => {
    const [, { Tensor: Foreign }] = IMPLEMENTATIONS[1];
    const session = await ort.InferenceSession.create(bytes);
    const one = new Foreign("float32", [1, 1], [1, 2]);
    const { sum } = await session.run({ a: one, b: one });
    expect(sum).toBeInstanceOf(ort.Tensor);
    expect(floatsOf(sum)).toEqual([2, 2]);
  });

  test("refuses feeds that the model has no input for", async () => {
    const session = await ort.InferenceSession.create(bytes);
    const one = new ort.Tensor("float32", [1, 1], [1, 2]);
    await expect(session.run({ a: one, b: one, c: untyped(one) })).rejects.toThrow("no such input");
  });
});
