import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, type TestContext, test } from "vitest";
import { type Consumer, root } from "../support/consumer.ts";
import { installExample } from "../support/example.ts";
import { largeDigit } from "../support/large-digit.ts";
import { type Redis, startRedis } from "./redis.ts";

const MINUTES = 60_000;
const PICTURES = 80;
/** Tries a picture for which something else fails gets here. */
const ATTEMPTS = 2;

/** What the tests ask of BullMQ's queue and jobs. */
interface Queue {
  getActive(): Promise<Job[]>;
  getCompleted(): Promise<Job[]>;
  getFailed(): Promise<Job[]>;
  getWaitingCount(): Promise<number>;
  close(): Promise<void>;
}
interface Job {
  readonly data: { readonly image: string };
  readonly processedBy: string;
  /** How often it was begun, how often it failed or was done, how often its worker was lost. */
  readonly attemptsStarted: number;
  readonly attemptsMade: number;
  readonly stalledCounter: number;
}

interface Fleet {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly queue: Queue;
}

let installed: Consumer | undefined;
let redis: Redis | undefined;
let queue: Queue | undefined;
const workers = new Set<ChildProcess>();

afterEach(async () => {
  for (const worker of workers) worker.kill("SIGKILL");
  workers.clear();
  await queue?.close();
  queue = undefined;
  await redis?.stop();
  redis = undefined;
});
afterAll(() => installed?.remove());

/** `examples/fleet` in a folder of its own, with eighty digits named after what they show, and an empty queue. */
async function fleetFor(context: TestContext): Promise<Fleet> {
  redis = await startRedis(context);
  if (installed === undefined) {
    installed = installExample(context, "fleet", "LANEWISE_REQUIRE_FLEET");
    copyFileSync(join(root, "models/lenet5-mnist.onnx"), join(installed.folder, "model.onnx"));
    const images = join(installed.folder, "images");
    mkdirSync(join(images, "more"), { recursive: true });
    for (let digit = 0; digit < 10; digit++) {
      const picture = largeDigit(digit, 500);
      for (let i = 0; i < PICTURES / 10; i++)
        writeFileSync(join(images, i % 2 === 0 ? "" : "more", `${i}-of-${digit}.png`), picture);
    }
  }
  const env = {
    ...process.env,
    NODE_OPTIONS: "",
    REDIS_URL: redis.url,
    PRESET: "mnist",
    TOP: "2",
    LOCK_MS: "3000",
    STALLED_MS: "500",
    ATTEMPTS: `${ATTEMPTS}`,
    BACKOFF_MS: "50",
    EVERY_MS: "100",
    CONCURRENCY: "2",
  };
  const bullmq = createRequire(join(installed.folder, "worker.js"))("bullmq") as {
    readonly Queue: new (name: string, options: object) => Queue;
  };
  queue = new bullmq.Queue("pictures", { connection: { url: redis.url } });
  return { folder: installed.folder, env, queue };
}

const runPart = ({ folder, env }: Fleet, file: string, ...args: string[]): string =>
  execFileSync(process.execPath, [file, ...args], { cwd: folder, env, encoding: "utf8", stdio: "pipe" });

/** Starts a worker and waits until it takes pictures. */
async function startWorker({ folder, env }: Fleet, name: string): Promise<ChildProcess> {
  const worker = spawn(process.execPath, ["worker.js"], {
    cwd: folder,
    env: { ...env, WORKER: name },
    stdio: ["ignore", "pipe", "inherit"],
  });
  workers.add(worker);
  await new Promise<void>((resolve, reject) => {
    worker.stdout.on("data", (text) => String(text).includes(`${name}: ready`) && resolve());
    worker.once("exit", (code) => reject(new Error(`${name} has ended with ${code}`)));
  });
  return worker;
}

/** Stops a worker at a moment in which it has pictures in work, some are done, and others wait. */
async function stopInTheMiddle({ queue }: Fleet, worker: ChildProcess, name: string): Promise<void> {
  for (;;) {
    worker.kill("SIGSTOP");
    const own = (await queue.getActive()).filter(({ processedBy }) => processedBy === name);
    if (own.length > 0 && (await queue.getCompleted()).length > 0) break;
    worker.kill("SIGCONT");
    await sleep(20);
  }
  expect(await queue.getWaitingCount()).toBeGreaterThan(0);
}

interface Line {
  readonly image: string;
  readonly top?: readonly { readonly index: number; readonly score: number }[];
  readonly error?: { readonly message: string };
}

/** What the collector writes, when the queue is empty. */
function collected(fleet: Fleet): Line[] {
  runPart(fleet, "collect.js", "results.jsonl");
  const text = readFileSync(join(fleet.folder, "results.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

function expectAllOnce(lines: readonly Line[]): void {
  expect(lines).toHaveLength(PICTURES);
  expect(new Set(lines.map(({ image }) => image)).size).toBe(PICTURES);
  for (const { image, top } of lines)
    expect([image, top?.[0]?.index]).toEqual([image, Number(image.match(/(\d)\.png$/)?.[1])]);
}

describe("examples/fleet", () => {
  test("loses nothing to a worker that is killed in the middle, and does nothing twice", {
    timeout: 5 * MINUTES,
  }, async (context) => {
    const fleet = await fleetFor(context);
    expect(runPart(fleet, "producer.js")).toContain(`${PICTURES} pictures`);
    const doomed = await startWorker(fleet, "doomed");
    await stopInTheMiddle(fleet, doomed, "doomed");
    const other = await startWorker(fleet, "other");
    const hasWorked = ({ processedBy }: Job): boolean => processedBy === "other";
    while (!(await fleet.queue.getCompleted()).some(hasWorked)) await sleep(20);
    doomed.kill("SIGKILL");
    // The producer may be started again, too.
    runPart(fleet, "producer.js");
    expectAllOnce(collected(fleet));
    const jobs = await fleet.queue.getCompleted();
    const lost = jobs.filter(({ stalledCounter }) => stalledCounter > 0);
    // What was in work, two pictures at most, is all that was begun again.
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThanOrEqual(2);
    for (const { processedBy, attemptsStarted } of lost)
      expect({ processedBy, attemptsStarted }).toEqual({ processedBy: "other", attemptsStarted: 2 });
    for (const { attemptsStarted, stalledCounter } of jobs) expect(attemptsStarted).toBe(1 + stalledCounter);
    expect(new Set(jobs.map(({ processedBy }) => processedBy))).toEqual(new Set(["doomed", "other"]));
    const exit = new Promise<number | null>((resolve) => other.once("exit", resolve));
    other.kill("SIGTERM");
    expect(await exit).toBe(0);
  });

  test("takes one result of two workers that had the same picture", {
    timeout: 5 * MINUTES,
  }, async (context) => {
    const fleet = await fleetFor(context);
    runPart(fleet, "producer.js");
    const sleeper = await startWorker(fleet, "sleeper");
    await stopInTheMiddle(fleet, sleeper, "sleeper");
    await startWorker(fleet, "other");
    const lines = collected(fleet);
    // What it had in work has been done by the other one, when it comes to itself and has it, too.
    sleeper.kill("SIGCONT");
    await sleep(1000);
    expect(sleeper.exitCode).toBe(null);
    expect(collected(fleet)).toEqual(lines);
    expectAllOnce(lines);
  });

  test("tries again what may come right, and lists by picture what does not", {
    timeout: 5 * MINUTES,
  }, async (context) => {
    const fleet = await fleetFor(context);
    const images = join(fleet.folder, "few");
    mkdirSync(images);
    const few = { ...fleet, env: { ...fleet.env, IMAGES: images } };
    copyFileSync(join(root, "models/digits/3.png"), join(images, "3.png"));
    writeFileSync(join(images, "broken.png"), "no picture");
    writeFileSync(join(images, "later.png"), "");
    runPart(few, "producer.js");
    rmSync(join(images, "later.png"));
    await startWorker(few, "only");
    const byImage = (lines: readonly Line[]): Line[] =>
      [...lines].sort((a, b) => (a.image < b.image ? -1 : 1));
    expect(byImage(collected(few))).toMatchObject([
      { image: "3.png", top: [{ index: 3 }, {}] },
      { image: "broken.png", error: { message: expect.stringContaining("cannot be decoded") } },
      { image: "later.png", error: { message: expect.stringContaining("ENOENT") } },
    ]);
    const failed = await few.queue.getFailed();
    const tries = failed.map(({ data, attemptsMade }) => [data.image, attemptsMade] as const);
    expect(Object.fromEntries(tries)).toEqual({ "broken.png": 1, "later.png": ATTEMPTS });
    copyFileSync(join(root, "models/digits/7.png"), join(images, "later.png"));
    runPart(few, "producer.js", "--retry-failed");
    expect(byImage(collected(few))[2]).toMatchObject({ image: "later.png", top: [{ index: 7 }, {}] });
  });
});
