import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, type TestContext, test } from "vitest";
import { type Consumer, root } from "../support/consumer.ts";
import { installExample } from "../support/example.ts";
import { largeDigit } from "../support/large-digit.ts";
import { type Redis, startRedis } from "./redis.ts";

const MINUTES = 60_000;
const PICTURES = 80;
/** Tries a picture for which something else fails gets here. */
const ATTEMPTS = 2;

let installed: Consumer | undefined;
let redis: Redis | undefined;
const workers = new Set<ChildProcess>();

afterEach(async () => {
  for (const worker of workers) worker.kill("SIGKILL");
  workers.clear();
  await redis?.stop();
  redis = undefined;
});
afterAll(() => installed?.remove());

/** `examples/fleet` in a folder of its own, with eighty digits named after what they show, and an empty queue. */
async function fleetFor(context: TestContext): Promise<{ folder: string; env: NodeJS.ProcessEnv }> {
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
  return { folder: installed.folder, env };
}

type Fleet = Awaited<ReturnType<typeof fleetFor>>;

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

/** Asks the queue itself, by BullMQ. */
function ask<Answer>({ folder, env }: Fleet, expression: string): Answer {
  const program = `
    import { Queue } from "bullmq";
    const queue = new Queue("pictures", { connection: { url: process.env.REDIS_URL } });
    console.log(JSON.stringify(await (${expression})));
    await queue.close();`;
  const args = ["--input-type=module", "-e", program];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: folder, env, encoding: "utf8" })) as Answer;
}

/** Stops a worker at a moment in which it has pictures in work, so many at least are done and others wait. */
async function stopInTheMiddle(fleet: Fleet, worker: ChildProcess, name: string): Promise<void> {
  for (;;) {
    worker.kill("SIGSTOP");
    const { own, done, waiting } = ask<{ own: number; done: number; waiting: number }>(
      fleet,
      `(async () => ({
        own: (await queue.getActive()).filter((job) => job.processedBy === "${name}").length,
        done: await queue.getCompletedCount(),
        waiting: await queue.getWaitingCount(),
      }))()`,
    );
    if (own > 0 && done > 0) {
      expect(waiting).toBeGreaterThan(0);
      return;
    }
    worker.kill("SIGCONT");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
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
    doomed.kill("SIGKILL");
    const other = await startWorker(fleet, "other");
    // The producer may be started again, too.
    runPart(fleet, "producer.js");
    expectAllOnce(collected(fleet));
    const jobs = ask<{ readonly by: string; readonly starts: number; readonly stalls: number }[]>(
      fleet,
      `queue.getCompleted().then((jobs) => jobs.map((job) =>
        ({ by: job.processedBy, starts: job.attemptsStarted, stalls: job.stalledCounter })))`,
    );
    const lost = jobs.filter(({ stalls }) => stalls > 0);
    // What was in work, two pictures at most, is all that was begun again.
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThanOrEqual(2);
    for (const { by, starts } of lost) expect({ by, starts }).toEqual({ by: "other", starts: 2 });
    for (const { starts, stalls } of jobs) expect(starts).toBe(1 + stalls);
    expect(new Set(jobs.map(({ by }) => by))).toEqual(new Set(["doomed", "other"]));
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
    await new Promise((resolve) => setTimeout(resolve, 1000));
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
    const tries = ask<Record<string, number>>(
      few,
      `queue.getFailed().then((jobs) => Object.fromEntries(jobs.map((job) => [job.data.image, job.attemptsMade])))`,
    );
    expect(tries).toEqual({ "broken.png": 1, "later.png": ATTEMPTS });
    copyFileSync(join(root, "models/digits/7.png"), join(images, "later.png"));
    runPart(few, "producer.js", "--retry-failed");
    expect(byImage(collected(few))[2]).toMatchObject({ image: "later.png", top: [{ index: 7 }, {}] });
  });
});
