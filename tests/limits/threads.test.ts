import { Worker } from "node:worker_threads";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { Tensor } from "../../src/index.ts";
import { CONTROL_BYTES, meet } from "../../src/runtime/barrier.ts";
import type { InferenceSession as Session } from "../../src/session.ts";
import type { SessionOptions } from "../../src/session-options.ts";
import { type ModelSpec, model, node } from "../support/onnx-model.ts";

/** That of the built package: workers are files of it. */
let create: (bytes: Uint8Array, options?: SessionOptions) => Promise<Session>;
beforeAll(async () => {
  const entry = new URL("../../dist/index.js", import.meta.url).href;
  const { InferenceSession } = (await import(
    /* @vite-ignore */ entry
  )) as typeof import("../../src/index.ts");
  create = (bytes, options) => InferenceSession.create(bytes, options);
});

const SIDE = 128;
const STEPS = 40;
/** Kernels with a definition in between: `Erf` of float64 has no kernel. */
const spec: ModelSpec = {
  inputs: { x: { dtype: "float32", dims: [SIDE, SIDE] } },
  nodes: Array.from({ length: STEPS }, (_, i) => {
    const from = i === 0 ? "x" : `v${i - 1}`;
    if (i % 10 !== 5) return [node("MatMul", [from, "x"], [`v${i}`])];
    return [
      node("Cast", [from], [`d${i}`], { to: 11 }),
      node("Erf", [`d${i}`], [`e${i}`]),
      node("Cast", [`e${i}`], [`v${i}`], { to: 1 }),
    ];
  }).flat(),
  outputs: [`v${STEPS - 1}`],
};
const feeds = (seed: number) => ({
  x: new Tensor(
    "float32",
    Float32Array.from({ length: SIDE * SIDE }, (_, i) => Math.sin(i * seed) / 32),
    [SIDE, SIDE],
  ),
});

describe("on two threads", () => {
  test.each([1, 2, 17, STEPS])(
    "an onStep that throws at step %i ends that run alone, at once",
    async (at) => {
      const [one, two] = [await create(model(spec)), await create(model(spec), { threads: 2 })];
      const wanted = one.runSync(feeds(1));
      let steps = 0;
      const start = performance.now();
      expect(() =>
        two.runSync(feeds(2), undefined, {
          onStep: () => {
            if (++steps === at) throw new Error("enough");
          },
        }),
      ).toThrow("enough");
      expect(two.runSync(feeds(1))).toEqual(wanted);
      expect(performance.now() - start).toBeLessThan(10_000);
    },
  );

  test("runs in turns give the same bits, beside another session on the same workers", async () => {
    const sessions = [
      await create(model(spec)),
      await create(model(spec), { threads: 2 }),
      await create(model(spec), { threads: 2 }),
    ] as const;
    const wanted = [1, 2, 3].map((seed) => sessions[0].runSync(feeds(seed)));
    const { signal } = new AbortController();
    const results = await Promise.all([
      sessions[1].run(feeds(1), { signal }),
      sessions[2].run(feeds(2), { signal }),
      new Promise((resolve) => setTimeout(() => resolve(sessions[2].run(feeds(3))), 1)),
    ]);
    expect(results).toEqual(wanted);
  });

  test("a signal or a deadline ends a run, and the next is right", async () => {
    const [one, two] = [await create(model(spec)), await create(model(spec), { threads: 2 })];
    const wanted = one.runSync(feeds(1));
    for (const limit of [1, 5, 20]) {
      const abort = new AbortController();
      const reason = new Error("enough");
      setTimeout(() => abort.abort(reason), limit);
      const endless = async () => {
        for (;;) await two.run(feeds(2), { signal: abort.signal });
      };
      await expect(endless()).rejects.toBe(reason);
      expect(() => {
        // A run takes some milliseconds.
        for (;;) two.runSync(feeds(2), undefined, { timeoutMs: limit / 20 });
      }).toThrow(/not done within/);
      expect(two.runSync(feeds(1))).toEqual(wanted);
    }
  });
});

test("a part waits for another as long as that takes", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const control = new Int32Array(memory.buffer, 0, CONTROL_BYTES / 4);
  // The other part, which comes after 300 ms: the second word counts, by two, how often all have met.
  const other = new Worker(
    `const { workerData } = require("node:worker_threads");
     setTimeout(() => { Atomics.add(workerData, 1, 2); Atomics.notify(workerData, 1); }, 300);`,
    { eval: true, workerData: control },
  );
  let clock = 0;
  const now = vi.spyOn(performance, "now").mockImplementation(() => {
    clock += 3_600_000;
    return clock;
  });
  try {
    expect(meet(control, 2, true)).toBe(false);
  } finally {
    now.mockRestore();
    void other.terminate();
  }
});
