import { describe, expect, test } from "vitest";
import { InferenceSession, Tensor, TimeoutError, UsageError } from "../../src/index.ts";
import { type ModelSpec, model, node } from "../support/onnx-model.ts";

const bool = (value: boolean) => new Tensor("bool", Uint8Array.of(Number(value)), []);
const floats = (...values: number[]) => new Tensor("float32", values, [values.length]);

/** A Loop without a limit whose condition stays true; `fed`: it is an input's value, and nothing folds. */
const endless = (fed: boolean, body: "empty" | "busy" = "busy"): ModelSpec => ({
  inputs: { x: { dtype: "float32", dims: [2] }, ...(fed && { go: { dtype: "bool" as const, dims: [] } }) },
  initializers: { start: floats(0, 0), ...(!fed && { go: bool(true) }) },
  nodes: [
    node("Loop", ["", "go", "start"], ["end"], {
      body: {
        inputs: {
          i: { dtype: "int64", dims: [] },
          c: { dtype: "bool", dims: [] },
          s: { dtype: "float32", dims: [2] },
        },
        nodes: body === "busy" ? [node("Add", ["s", "s"], ["t"])] : [],
        outputs: body === "busy" ? ["c", "t"] : ["c", "s"],
      },
    }),
    node("Add", ["x", "end"], ["y"]),
  ],
  outputs: ["y"],
});

/** Many steps of about a millisecond each. */
function long(steps: number): ModelSpec {
  const side = 256;
  return {
    inputs: { x: { dtype: "float32", dims: [1, side, side] } },
    nodes: Array.from({ length: steps }, (_, i) =>
      node("MatMul", [i === 0 ? "x" : `v${i - 1}`, "x"], [`v${i}`]),
    ),
    outputs: [`v${steps - 1}`],
  };
}

const longFeeds = () => ({
  x: new Tensor("float32", new Float32Array(256 * 256).fill(1 / 256), [1, 256, 256]),
});

/** How long something took to fail, and with what. */
async function failing(work: () => unknown): Promise<{ readonly ms: number; readonly error: unknown }> {
  const start = performance.now();
  try {
    await work();
  } catch (error) {
    return { ms: performance.now() - start, error };
  }
  throw new Error("it did not fail");
}

/** What an abort or a deadline may take beyond its time: 200 ms where nothing else runs; tests share the machine. */
const SOON_MS = 2000;

describe.each(["busy", "empty"] as const)("an endless Loop with a body that is %s", (body) => {
  const feeds = { x: floats(1, 2), go: bool(true) };

  test("does not keep create: its folding has a budget", async () => {
    const session = await InferenceSession.create(model(endless(false, body)));
    const { ms, error } = await failing(() => session.run({ x: floats(1, 2) }, ["y"], { timeoutMs: 100 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(ms).toBeLessThan(100 + SOON_MS);
  });

  test("ends when a timer aborts the run's signal, with the signal's reason", async () => {
    const session = await InferenceSession.create(model(endless(true, body)));
    const abort = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => abort.abort(reason), 100);
    const { ms, error } = await failing(() => session.run(feeds, { signal: abort.signal }));
    expect(error).toBe(reason);
    expect(ms).toBeLessThan(100 + SOON_MS);
  });

  test("ends after timeoutMs, in run and in runSync, and the session goes on", async () => {
    const session = await InferenceSession.create(model(endless(true, body)));
    for (const run of [
      () => session.run(feeds, { timeoutMs: 100 }),
      () => session.runSync(feeds, undefined, { timeoutMs: 100 }),
    ]) {
      const { ms, error } = await failing(run);
      expect(error).toBeInstanceOf(TimeoutError);
      expect((error as TimeoutError).timeoutMs).toBe(100);
      expect(ms).toBeLessThan(100 + SOON_MS);
    }
    const { y } = await session.run({ ...feeds, go: bool(false) });
    expect(y?.data).toEqual(Float32Array.of(1, 2));
  });
});

describe("create", () => {
  test("ends after timeoutMs and by a timer's signal while a constant Loop is folded", async () => {
    const bytes = model(endless(false));
    const timed = await failing(() => InferenceSession.create(bytes, { timeoutMs: 20 }));
    expect(timed.error).toBeInstanceOf(TimeoutError);
    expect(timed.ms).toBeLessThan(20 + SOON_MS);
  });

  test("ends after timeoutMs while it waits for a stream", async () => {
    const stream = new ReadableStream<Uint8Array>({});
    const { ms, error } = await failing(() => InferenceSession.create(stream, { timeoutMs: 50 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(ms).toBeLessThan(50 + SOON_MS);
  });
});

describe("a long run", () => {
  test("lets timers fire between its steps and ends by their signal", async () => {
    const session = await InferenceSession.create(model(long(2000)));
    const abort = new AbortController();
    const seen: string[] = [];
    setTimeout(() => abort.abort(), 60);
    const { ms, error } = await failing(() =>
      session.run(longFeeds(), { signal: abort.signal, onStep: ({ op }) => seen.push(op) }),
    );
    expect(error).toBe(abort.signal.reason);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(2000);
    expect(ms).toBeLessThan(60 + SOON_MS);
  });

  test("gives with a signal, in turns, the same bits as without", async () => {
    const session = await InferenceSession.create(model(long(60)));
    const [plain, inTurns] = [
      await session.run(longFeeds()),
      await session.run(longFeeds(), { signal: new AbortController().signal }),
    ];
    expect(inTurns).toEqual(plain);
  });
});

describe("a definition that takes long", () => {
  const side = 1024;
  const matMul: ModelSpec = {
    inputs: { x: { dtype: "float64", dims: [side, side] } },
    nodes: [node("MatMul", ["x", "x"], ["y"])],
    outputs: ["y"],
  };
  const x = new Tensor("float64", new Float64Array(side * side).fill(1), [side, side]);

  test("ends after timeoutMs", async () => {
    const session = await InferenceSession.create(model(matMul));
    const { error, ms } = await failing(() => session.runSync({ x }, undefined, { timeoutMs: 20 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(ms).toBeLessThan(20 + SOON_MS);
  });

  test("is not folded", async () => {
    const spec = { ...matMul, inputs: {}, initializers: { x } };
    const start = performance.now();
    const session = await InferenceSession.create(model(spec));
    expect(performance.now() - start).toBeLessThan(SOON_MS);
    expect((await session.run({})).y?.data[0]).toBe(side);
  });
});

describe("one run at a time", () => {
  const spec: ModelSpec = {
    inputs: { x: { dtype: "float32", dims: [4] } },
    nodes: [node("Neg", ["x"], ["n"]), node("Exp", ["n"], ["e"]), node("Sqrt", ["e"], ["y"])],
    outputs: ["y"],
  };
  const wanted = (...x: number[]) => x.map((value) => Math.fround(Math.sqrt(Math.exp(-value))));
  const close = (tensor: Tensor | undefined, x: number[]) => {
    const actual = Array.from((tensor as Tensor).data as Float32Array, (value) => value.toFixed(5));
    expect(actual).toEqual(wanted(...x).map((value) => value.toFixed(5)));
  };

  test("runSync inside onStep is refused, and the outer run is as if nothing had been", async () => {
    const session = await InferenceSession.create(model(spec));
    const errors: unknown[] = [];
    const { y } = session.runSync({ x: floats(1, 2, 3, 4) }, undefined, {
      onStep: () => {
        try {
          session.runSync({ x: floats(9, 9, 9, 9) });
        } catch (error) {
          errors.push(error);
        }
      },
    });
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toBeInstanceOf(UsageError);
    close(y, [1, 2, 3, 4]);
  });

  test("run inside onStep waits for the outer run", async () => {
    const session = await InferenceSession.create(model(spec));
    const inner: Promise<Record<string, Tensor>>[] = [];
    const { y } = await session.run(
      { x: floats(1, 2, 3, 4) },
      {
        onStep: () => {
          if (inner.length === 0) inner.push(session.run({ x: floats(5, 6, 7, 8) }));
        },
      },
    );
    close(y, [1, 2, 3, 4]);
    close((await (inner[0] as Promise<Record<string, Tensor>>)).y, [5, 6, 7, 8]);
  });

  test("runs that overlap give each its own results", async () => {
    const session = await InferenceSession.create(model(long(80)));
    const { signal } = new AbortController();
    const feeds = (value: number) => ({
      x: new Tensor("float32", new Float32Array(256 * 256).fill(value / 256), [1, 256, 256]),
    });
    const alone = [await session.run(feeds(1)), await session.run(feeds(0.9))];
    const together = await Promise.all([
      session.run(feeds(1), { signal }),
      session.run(feeds(0.9), { signal }),
      session.run(feeds(1)),
    ]);
    expect(together).toEqual([alone[0], alone[1], alone[0]]);
  });

  test("release ends a run that is under way", async () => {
    const session = await InferenceSession.create(model(endless(true)));
    setTimeout(() => void session.release(), 30);
    const { error } = await failing(() =>
      session.run({ x: floats(1, 2), go: bool(true) }, { timeoutMs: 5000 }),
    );
    expect(error).toBeInstanceOf(UsageError);
  });
});

describe("limits that are none", () => {
  test.each([-1, Number.NaN, "5", null])("timeoutMs %s is refused", async (timeoutMs) => {
    const bytes = model(long(1));
    const { error } = await failing(() => InferenceSession.create(bytes, { timeoutMs: timeoutMs as number }));
    expect(error).toBeInstanceOf(UsageError);
    const session = await InferenceSession.create(bytes);
    expect(
      (await failing(() => session.run(longFeeds(), undefined, { timeoutMs: timeoutMs as number }))).error,
    ).toBeInstanceOf(UsageError);
  });
});
