import { afterAll, describe, expect, test } from "vitest";
import { endlessModel } from "../ort/endless.ts";
import { identityModel } from "../ort/identity.ts";
import { SMALL_MODEL_DIMS, smallModel } from "../support/small-model.ts";
import { CONTENT_SECURITY_POLICY, createPages, type PageModules } from "./harness.ts";

const browser = createPages();
afterAll(browser.close);

const TYPES = [
  ...(["float32", "float64", "float16", "bool", "string", "int4", "uint4"] as const),
  ...(["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"] as const),
];

interface Argument {
  readonly path: string;
  readonly dims: readonly number[];
  readonly numThreads: number;
}

/** What a session gives without the flag and with it, whether a worker was started, and what the page downloaded for it. */
const compare = async ({ ort }: PageModules, { path, dims, numThreads }: Argument) => {
  ort.env.wasm.numThreads = numThreads;
  const warnings: string[] = [];
  console.warn = (text) => warnings.push(String(text));
  let workers = 0;
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers++;
    }
  };
  const outputs: string[] = [];
  const seen: (readonly [boolean, boolean])[] = [];
  for (const proxy of [false, true]) {
    ort.env.wasm.proxy = proxy;
    const session = await ort.InferenceSession.create(path);
    const x = new ort.Tensor("float32", Float32Array.from({ length: 1440 }, Math.sin), dims);
    outputs.push(String((await session.run({ x })).y?.data));
    await session.release();
    const files = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
    seen.push([workers > 0, files.includes("/lanewise/worker.js")]);
  }
  return { same: new Set(outputs).size === 1, seen, warnings };
};

describe("env.wasm.proxy in a page", () => {
  test.for([
    ["blobs allowed", `${CONTENT_SECURITY_POLICY}; worker-src 'self' blob:`],
    ["blobs forbidden", CONTENT_SECURITY_POLICY],
    ["on two threads", CONTENT_SECURITY_POLICY, 2],
  ] as const)("has sessions run in a worker, which is downloaded for it: %s", async (how, context) => {
    const [, policy, numThreads = 1] = how;
    const pages = await browser.open(context);
    const path = pages.serve("/proxy-small.onnx", { body: smallModel() });
    const argument = { path, dims: SMALL_MODEL_DIMS, numThreads };
    const isolated = numThreads > 1;
    expect(await pages.run(compare, argument, { ort: true, policy, isolated })).toEqual({
      same: true,
      seen: [
        // Threads of the page's own are workers, too.
        [isolated, false],
        [true, true],
      ],
      warnings: [],
    });
  });

  test("warns once where no worker may be started, and has sessions run all the same", async (context) => {
    const pages = await browser.open(context);
    const path = pages.serve("/proxy-small.onnx", { body: smallModel() });
    const policy = `${CONTENT_SECURITY_POLICY}; worker-src 'none'`;
    const argument = { path, dims: SMALL_MODEL_DIMS, numThreads: 1 };
    const found = await pages.run(compare, argument, { ort: true, policy });
    expect(found.same).toBe(true);
    expect(found.warnings).toEqual([
      expect.stringMatching(/^lanewise\/ort: env\.wasm\.proxy: .*sessions run in the thread that made them$/),
    ]);
  });

  test("leaves the page its turns, fills given outputs, and leaves feeds and models as they are", async (context) => {
    const pages = await browser.open(context);
    const path = pages.serve("/proxy-small.onnx", { body: smallModel() });
    const found = await pages.run(
      async ({ ort, lanewise }, { path, dims }) => {
        ort.env.wasm.proxy = true;
        const model = new Uint8Array(await (await fetch(path)).arrayBuffer());
        const [one, two] = await Promise.all([
          ort.InferenceSession.create(model),
          ort.InferenceSession.create(new Blob([model])),
        ]);
        const x = new ort.Tensor("float32", Float32Array.from({ length: 1440 }, Math.sin), dims);
        let turns = 0;
        const timer = setInterval(() => turns++, 0);
        const runs = await Promise.all(Array.from({ length: 100 }, () => one.run({ x })));
        clearInterval(timer);
        const given = new ort.Tensor("float32", new Float32Array(10), [1, 10]);
        const { y } = await two.run({ x }, { y: given });
        const refused = await two
          .run({ x }, { y: new ort.Tensor("float32", new Float32Array(9), [9]) })
          .catch(String);
        const fed = await one
          .run({ x: new ort.Tensor("float32", [1], [1]) })
          .catch((reason: unknown) => reason);
        await one.release();
        const [input] = two.inputMetadata;
        return {
          ...{ turns: turns > 0, lengths: [model.length > 0, x.data.length] },
          ...{ filled: y === given && String(given.data) === String(runs[99]?.y?.data), refused },
          feedError: fed instanceof lanewise.FeedError,
          released: await one.run({ x }).catch(String),
          metadata: input?.isTensor && [input.name, input.type, ...input.shape],
          isTensor: runs[0]?.y instanceof ort.Tensor,
        };
      },
      { path, dims: SMALL_MODEL_DIMS },
      { ort: true },
    );
    expect(found).toEqual({
      ...{ turns: true, lengths: [true, 1440], filled: true, feedError: true, isTensor: true },
      refused: expect.stringContaining('output "y" is float32 [1,10]'),
      released: expect.stringContaining("the session has been released"),
      metadata: ["x", "float32", ...SMALL_MODEL_DIMS],
    });
  });

  test("has values of every type go to the worker and come back", async (context) => {
    const pages = await browser.open(context);
    const models = TYPES.map((type) => ({
      type,
      path: pages.serve(`/proxy-${type}.onnx`, { body: identityModel(type, [2]) }),
    }));
    const found = await pages.run(
      async ({ ort }, models) => {
        const given: Partial<Record<string, unknown>> = {
          ...{ string: ["a", "ß"], bool: [true, false] },
          ...{
            float16: Uint16Array.of(0x3c00, 0xc000),
            int4: Uint8Array.of(0x21),
            uint4: Uint8Array.of(0x21),
          },
        };
        const shown = ({ type, dims, data }: { type: string; dims: readonly number[]; data: unknown }) =>
          `${type} [${dims}] ${Object.prototype.toString.call(data)} ${data}`;
        const pairs: string[][] = [];
        for (const { type, path } of models) {
          const results: string[] = [];
          for (const proxy of [false, true]) {
            ort.env.wasm.proxy = proxy;
            const session = await ort.InferenceSession.create(path);
            const x = new ort.Tensor(type as "float32", (given[type] ?? [1, 2]) as number[], [2]);
            const { y } = await session.run({ x });
            results.push(y === undefined ? "nothing" : shown(y));
          }
          pairs.push(results);
        }
        return pairs;
      },
      models,
      { ort: true },
    );
    expect(found).toHaveLength(TYPES.length);
    for (const [i, [own, proxied]] of found.entries()) {
      expect(own).toContain(`${TYPES[i]} [2] [object `);
      expect(proxied).toBe(own);
    }
  });

  test("ends runs whose terminate is set, before them and while they go on", async (context) => {
    const pages = await browser.open(context);
    const path = pages.serve("/proxy-endless.onnx", { body: endlessModel() });
    const found = await pages.run(
      async ({ ort }, path) => {
        ort.env.wasm.proxy = true;
        const session = await ort.InferenceSession.create(path);
        const feeds = (go: boolean) => ({
          x: new ort.Tensor("float32", [1]),
          go: new ort.Tensor("bool", [go], []),
        });
        const before = await session.run(feeds(true), { terminate: true }).catch(String);
        const options = { terminate: false };
        const runs = [session.run(feeds(true), options), session.run(feeds(true), ["y"], options)];
        setTimeout(() => {
          options.terminate = true;
        }, 30);
        const ended = await Promise.all(runs.map((run) => run.catch(String)));
        const after = await session.run(feeds(false));
        return [before, ...ended, String(after.y?.data)];
      },
      path,
      { ort: true },
    );
    const exiting = "AbortError: Exiting due to terminate flag being set to true.";
    expect(found).toEqual([exiting, exiting, exiting, "1"]);
  });

  test("records a profile, of which steps follow one another", async (context) => {
    const pages = await browser.open(context);
    const path = pages.serve("/proxy-small.onnx", { body: smallModel() });
    const printed = await pages.run(
      async ({ ort }, { path, dims }) => {
        const lines: string[] = [];
        console.log = (text) => lines.push(String(text));
        ort.env.wasm.proxy = true;
        const session = await ort.InferenceSession.create(path, { enableProfiling: true });
        for (let i = 0; i < 2; i++)
          await session.run({ x: new ort.Tensor("float32", new Float32Array(1440), dims) });
        session.endProfiling();
        return lines;
      },
      { path, dims: SMALL_MODEL_DIMS },
      { ort: true },
    );
    expect(printed).toHaveLength(1);
    type Event = { cat: string; name: string; ts: number; dur: number; args: { op_name?: string } };
    const events = JSON.parse(printed[0] as string) as Event[];
    expect(events.filter(({ cat }) => cat === "Session").map(({ name }) => name)).toEqual([
      "session_initialization",
      "model_run",
      "model_run",
    ]);
    const steps = events.filter(({ cat }) => cat === "Node");
    expect(steps.filter(({ args }) => args.op_name?.startsWith("Conv"))).toHaveLength(6);
    for (const [i, { ts }] of steps.slice(1).entries()) {
      const before = steps[i] as Event;
      // Microseconds, each rounded.
      expect(ts + 2).toBeGreaterThanOrEqual(before.ts + before.dur);
    }
  });
});
