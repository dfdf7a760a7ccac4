import { afterAll, describe, expect, test } from "vitest";
import { smallModel } from "../support/small-model.ts";
import { CONTENT_SECURITY_POLICY, createPages, type PageModules } from "./harness.ts";

const browser = createPages();
afterAll(browser.close);

/** Where workers may come from: blobs too, the site alone, and blobs that Trusted Types let through. */
const POLICIES = {
  "blobs allowed": `${CONTENT_SECURITY_POLICY}; worker-src 'self' blob:`,
  "blobs forbidden": CONTENT_SECURITY_POLICY,
  "Trusted Types": `${CONTENT_SECURITY_POLICY}; worker-src blob:; require-trusted-types-for 'script'; trusted-types lanewise`,
} as const;

const POLICY_NAMES = Object.keys(POLICIES) as (keyof typeof POLICIES)[];

/** What a session in a worker gives, beside one of the page. */
const compare = async ({ lanewise, worker }: PageModules, address: string) => {
  const x = () =>
    new lanewise.Tensor("float32", Float32Array.from({ length: 1440 }, Math.sin), [1, 3, 20, 24]);
  const own = await lanewise.InferenceSession.create(address);
  const progress: number[] = [];
  const session = await worker.InferenceSession.create(address.slice(1), {
    onProgress: ({ loadedBytes }) => progress.push(loadedBytes),
  });
  const steps: string[] = [];
  const [expected, actual] = [
    await own.run({ x: x() }),
    await session.run({ x: x() }, { onStep: ({ op }) => steps.push(op) }),
  ];
  const error = await session.run({}).catch((reason: unknown) => reason);
  const names = [session.inputNames, session.outputNames, session.simd, session.threads];
  await session.release();
  return {
    expected: Array.from(expected.y?.data as Float32Array),
    actual: Array.from(actual.y?.data as Float32Array),
    isTensor: actual.y instanceof lanewise.Tensor,
    isFeedError: error instanceof lanewise.FeedError && error.input === "x",
    names,
    progress: progress.length > 0,
    steps: steps.length > 0,
  };
};

describe.each(POLICY_NAMES)("a session in a worker, with %s", (policy) => {
  test("gives what a session of the page gives", async (context) => {
    const pages = await browser.open(context);
    const path = pages.serve("/small.onnx", { body: smallModel() });
    const found = await pages.run(compare, path, { worker: true, policy: POLICIES[policy] });
    expect(found.actual).toEqual(found.expected);
    expect(found).toMatchObject({
      ...{ isTensor: true, isFeedError: true, progress: true, steps: true },
      names: [["x"], ["y"], "relaxed", 1],
    });
  });

  test("runs on two threads where the page is isolated", async (context) => {
    const pages = await browser.open(context);
    const path = pages.serve("/small.onnx", { body: smallModel() });
    const run = async ({ lanewise, worker, threading }: PageModules, path: string) => {
      const session = await worker.InferenceSession.create(path, { threads: 2, simd: "plain" });
      const own = await lanewise.InferenceSession.create(path, { threads: 2, simd: "plain", threading });
      const x = () => new lanewise.Tensor("float32", new Float32Array(1440).fill(0.5), [1, 3, 20, 24]);
      const outputs = [await session.run({ x: x() }), await own.run({ x: x() })];
      return {
        threads: [session.threads, own.threads],
        outputs: outputs.map(({ y }) => Array.from(y?.data as Float32Array)),
      };
    };
    const { threads, outputs } = await pages.run(run, path, {
      worker: true,
      isolated: true,
      policy: POLICIES[policy],
    });
    expect(threads).toEqual([2, 2]);
    expect(outputs[0]).toEqual(outputs[1]);
  });
});

test("a worker's address can be handed in, and one that leads nowhere is a WorkerError", async (context) => {
  const pages = await browser.open(context);
  const path = pages.serve("/small.onnx", { body: smallModel() });
  const found = await pages.run(
    async ({ worker }, path) => {
      const { InferenceSession, WorkerError } = worker;
      const session = await InferenceSession.create(path, { worker: "/lanewise/session-worker.js" });
      const own = new Worker("/lanewise/session-worker.js", { type: "module" });
      await new Promise((ready) => own.addEventListener("message", ready, { once: true }));
      const other = await InferenceSession.create(path, { worker: own });
      const error = await InferenceSession.create(path, { worker: "/nowhere.js" }).catch((reason) => reason);
      return [session.outputNames, other.outputNames, error instanceof WorkerError, String(error)];
    },
    path,
    { worker: true },
  );
  expect(found).toEqual([["y"], ["y"], true, expect.stringContaining("its script could not be loaded")]);
});

test("the page goes on while the worker computes, and an abort stops the run", async (context) => {
  const pages = await browser.open(context);
  const path = pages.serve("/loop.onnx", { body: smallModel() });
  const found = await pages.run(
    async ({ worker, lanewise }, path) => {
      const session = await worker.InferenceSession.create(path);
      const x = new lanewise.Tensor("float32", new Float32Array(1440), [1, 3, 20, 24]);
      let turns = 0;
      const timer = setInterval(() => turns++, 0);
      const runs = Array.from({ length: 200 }, () => session.run({ x }));
      await Promise.all(runs);
      clearInterval(timer);
      const stop = new AbortController();
      const stopped = session.run({ x }, { signal: stop.signal }).catch((reason) => reason);
      stop.abort(new Error("enough"));
      const reason = await stopped;
      const after = await session.run({ x });
      const moved = await session.run({ x }, { transferFeeds: true });
      return [turns > 0, String(reason), Object.keys(after), Object.keys(moved), x.data.length];
    },
    path,
    { worker: true },
  );
  expect(found).toEqual([true, "Error: enough", ["y"], ["y"], 0]);
});
