import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { FeedError, LanewiseError, ModelError, UsageError } from "../../src/errors.ts";
import { InferenceSession as OwnSession } from "../../src/index.ts";
import { Tensor } from "../../src/tensor.ts";
import type * as built from "../../src/worker/index.ts";
import { root } from "../support/consumer.ts";
import { smallModel } from "../support/small-model.ts";

const DIST = pathToFileURL(join(root, "dist/worker.js")).href;
const { InferenceSession } = (await import(/* @vite-ignore */ DIST)) as typeof built;

const open: built.InferenceSession[] = [];
const create = async (...args: Parameters<typeof InferenceSession.create>) => {
  const session = await InferenceSession.create(...args);
  open.push(session);
  return session;
};
afterEach(async () => {
  for (const session of open.splice(0)) await session.release();
});

const feeds = () => ({
  x: new Tensor("float32", Float32Array.from({ length: 1440 }, Math.sin), [1, 3, 20, 24]),
});

/** It takes images of any size. */
const SOBEL = join(root, "models/sobel.onnx");

test("several sessions give what one of this thread gives", async () => {
  const own = await OwnSession.create(smallModel());
  const expected = await own.run(feeds());
  const [one, two] = [await create(smallModel()), await create(new Response(smallModel() as BodyInit))];
  const results = await Promise.all([one.run(feeds()), two.run(feeds(), ["y"]), one.run(feeds())]);
  for (const { y } of results) expect(y?.data).toEqual(expected.y?.data);
  expect(one.inputMetadata).toEqual(own.inputMetadata);
  expect(one.outputMetadata).toEqual(own.outputMetadata);
  expect(await one.memoryUsage()).toEqual(own.memoryUsage());
});

test("errors are those that the session throws, with all that they say", async () => {
  const session = await create(smallModel());
  const error = await session.run({}).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FeedError);
  expect(error).toMatchObject({ name: "FeedError", code: "ERR_FEED", input: "x" });
  await expect(create(Uint8Array.of(1, 2, 3))).rejects.toBeInstanceOf(ModelError);
  await expect(create(join(root, "nowhere.onnx"))).rejects.toBeInstanceOf(LanewiseError);
  await expect(session.run({ x: (() => 1) as never })).rejects.toThrow(/cannot be handed to a worker/);
  await session.release();
  await expect(session.run(feeds())).rejects.toBeInstanceOf(UsageError);
  await session.release();
});

test("feeds are copied, a view without what is around it, unless they are to be handed over", async () => {
  const session = await create(smallModel());
  const wide = new Float32Array(5000);
  const x = new Tensor("float32", wide.subarray(7, 1447), [1, 3, 20, 24]);
  const { y } = await session.run({ x }, { transferFeeds: true });
  expect(y?.data.length).toBeGreaterThan(0);
  expect(wide.length).toBe(5000);
  const given = feeds();
  await session.run(given);
  expect(given.x.data.length).toBe(1440);
  await session.run(given, { transferFeeds: true });
  expect(given.x.data.length).toBe(0);
});

test("an abort rejects with its reason, and the session runs on", async () => {
  const session = await create(SOBEL);
  const stop = new AbortController();
  const name = session.inputNames[0] as string;
  const image = { [name]: new Tensor("float32", new Float32Array(512 * 512), [1, 1, 512, 512]) };
  const runs = Array.from({ length: 50 }, () => session.run(image, { signal: stop.signal }));
  const ended = Promise.allSettled(runs);
  stop.abort(new Error("enough"));
  for (const outcome of await ended)
    expect(outcome).toMatchObject({ status: "rejected", reason: { message: "enough" } });
  expect(Object.keys(await session.run(image))).toEqual(session.outputNames);
  await expect(session.run(image, { signal: AbortSignal.abort("before") })).rejects.toBe("before");
  await expect(create(smallModel(), { signal: AbortSignal.abort("early") })).rejects.toBe("early");
});

test("a worker of one's own is left running, and one that dies is a WorkerError", async () => {
  const worker = new Worker(new URL("./session-worker.js", DIST));
  const one = await create(smallModel(), { worker });
  await one.release();
  const two = await create(smallModel(), { worker });
  const waiting = two.run(feeds());
  await worker.terminate();
  const outcome = await waiting.catch((reason: unknown) => reason);
  // What it had given before it went is given.
  if (outcome instanceof Error) expect(outcome.name).toBe("WorkerError");
  await expect(two.run(feeds())).rejects.toMatchObject({ name: "WorkerError", code: "ERR_WORKER" });
  open.splice(open.indexOf(two), 1);
});

test("a session that nobody releases does not keep the process alive", () => {
  const program = `
    import { InferenceSession } from ${JSON.stringify(DIST)};
    const session = await InferenceSession.create(${JSON.stringify(SOBEL)});
    console.log(session.inputNames.length);`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], { timeout: 20_000 });
  expect(String(output)).toBe("1\n");
});
