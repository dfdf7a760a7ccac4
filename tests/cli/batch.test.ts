import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Summary } from "../../src/cli/batch/summary.ts";
import { largeDigit } from "../support/large-digit.ts";
import { lanewise, type Outcome, root } from "./lanewise.ts";

const MODEL = join(root, "models/lenet5-mnist.onnx");
const folder = mkdtempSync(join(tmpdir(), "lanewise-batch-"));
const at = (...names: string[]): string => join(folder, ...names);

/** Pictures that take a while, so that there is a middle in which a run can be ended. */
const LARGE = 40;

interface Line {
  readonly image: string;
  readonly id?: number;
  readonly top?: readonly { readonly index: number }[];
  readonly error?: { readonly code: string; readonly message: string };
}

const textOf = (out: string): string => (existsSync(out) ? readFileSync(out, "utf8") : "");
const linesOf = (out: string): Line[] =>
  textOf(out)
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
const imagesOf = (out: string): string[] =>
  linesOf(out)
    .map(({ image }) => image)
    .sort();
const summaryOf = ({ stdout }: Outcome): Summary => JSON.parse(stdout) as Summary;

/** Digits are named after what they show. */
const expectRightClasses = (lines: readonly Line[]): void => {
  for (const { image, top } of lines) expect([image, top?.[0]?.index]).toEqual([image, digitOf(image)]);
};
const digitOf = (image: string): number => Number(image.match(/(\d)\.png$/)?.[1]);

const batch = (images: string | readonly string[], out: string, ...flags: string[]): Promise<Outcome> =>
  lanewise("batch", MODEL, "--images", ...[images].flat(), "--out", out, "--json", ...flags);

/**
 * Starts a batch and sends it a signal as soon as it has written some lines, but not all. `meanwhile` is done between the
 * two, while it stands still.
 */
async function endedInTheMiddle(
  out: string,
  signal: NodeJS.Signals,
  meanwhile: (pid: number) => Promise<void> = async () => undefined,
): Promise<Outcome> {
  const args = ["dist/cli.js", "batch", MODEL, "--images", at("large"), "--out", out, "--json"];
  const child = spawn(process.execPath, args, { cwd: root });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const exit = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  while (textOf(out).split("\n").length < 6 && child.exitCode === null) await sleep(5);
  child.kill("SIGSTOP");
  await meanwhile(child.pid as number);
  child.kill(signal);
  child.kill("SIGCONT");
  return { code: await exit, stdout, stderr };
}

beforeAll(() => {
  mkdirSync(at("small", "more"), { recursive: true });
  mkdirSync(at("large"));
  for (let digit = 0; digit < 10; digit++)
    copyFileSync(
      join(root, `models/digits/${digit}.png`),
      at("small", digit < 6 ? "" : "more", `${digit}.png`),
    );
  for (let i = 0; i < LARGE; i++) {
    const original = at("large", `${i}.png`);
    if (i < 10) writeFileSync(original, largeDigit(i, 600));
    else copyFileSync(at("large", `${i % 10}.png`), at("large", `copy-${i}-of-${i % 10}.png`));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("batch", () => {
  test("gives every picture one line, with the classes that run gives, on all cores", async () => {
    const out = at("all.jsonl");
    const outcome = await batch(at("small"), out, "--top", "3");
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    const workers = Math.min(availableParallelism(), 10);
    expect(summaryOf(outcome)).toMatchObject({ pictures: 10, done: 10, done_before: 0, failed: 0, workers });
    const lines = linesOf(out);
    expect(new Set(lines.map(({ image }) => image)).size).toBe(10);
    expectRightClasses(lines);
    const run = await lanewise("run", MODEL, "--image", at("small/4.png"), "--top", "3", "--json");
    const four = lines.find(({ image }) => image.endsWith("/4.png"));
    expect(four?.top).toEqual(JSON.parse(run.stdout).top);
    expect(existsSync(`${out}.lock`)).toBe(false);
  });

  test("uses as many workers as are asked for, all of them", async () => {
    const { workers, done_by_worker } = summaryOf(
      await batch(at("large"), at("four.jsonl"), "--workers", "4"),
    );
    expect(workers).toBe(4);
    expect(done_by_worker.every((count) => count > 0)).toBe(true);
    expect(done_by_worker.reduce((sum, count) => sum + count)).toBe(LARGE);
  });

  test("finds pictures by patterns, folders and files, and takes each once", async () => {
    const out = at("patterns.jsonl");
    const images = [at("small/[0-2].png"), at("small/**/*.png"), at("small", ".", "1.png"), at("small")];
    const outcome = await batch(images, out);
    expect(summaryOf(outcome)).toMatchObject({ pictures: 10, duplicates: 14, done: 10 });
    expect(imagesOf(out)).toHaveLength(10);
    for (const nothing of [at("small/*.gif"), at("nowhere"), at("nowhere.png")])
      expect(await batch(nothing, at("nothing.jsonl"))).toMatchObject({ code: 1 });
    expect(existsSync(at("nothing.jsonl"))).toBe(false);
  });

  test("takes a list, relative to its folder, and gives back what its lines say", async () => {
    const list = at("small", "list.jsonl");
    const lines = [
      { image: "3.png", id: 30, note: "three" },
      { id: 80, image: "./more/8.png" },
      { image: "more/8.png", id: 81 },
      { image: "missing.png", id: 90 },
    ];
    writeFileSync(list, `${lines.map((line) => JSON.stringify(line)).join("\n")}\n\n`);
    const out = at("list-out.jsonl");
    const outcome = await batch(list, out, "--top", "1");
    expect(outcome.code).toBe(2);
    expect(summaryOf(outcome)).toMatchObject({ pictures: 3, duplicates: 1, failed: 1 });
    const found = linesOf(out).sort((a, b) => (a.id as number) - (b.id as number));
    expect(found).toMatchObject([
      { image: "3.png", id: 30, note: "three", top: [{ index: 3 }] },
      { image: "more/8.png", id: 80, top: [{ index: 8 }] },
      { image: "missing.png", id: 90, error: { code: "ERR_RESOURCE" } },
    ]);
    writeFileSync(list, '{"image": "3.png"}\n{"picture": "4.png"}\n');
    expect((await batch(list, at("no.jsonl"))).stderr).toMatch(/list\.jsonl: line 2: expected/);
    writeFileSync(list, '{"image": "3.png", "top": 1}\n');
    expect((await batch(list, at("no.jsonl"))).stderr).toMatch(/line 1: "top" is what the result will say/);
    expect((await batch([list, at("small")], at("no.jsonl"))).stderr).toMatch(
      /a list \(\.jsonl\) goes alone/,
    );
  });
});

describe("a batch that was stopped", () => {
  test("by Ctrl-C finishes what is in work, and goes on with the rest", async () => {
    const out = at("interrupted.jsonl");
    const stopped = await endedInTheMiddle(out, "SIGINT");
    expect(stopped.code).toBe(130);
    const first = summaryOf(stopped);
    const done = linesOf(out).length;
    expect(first).toMatchObject({ stopped_by: "SIGINT", done, left: LARGE - done });
    expect(done).toBeLessThan(LARGE);
    expect(existsSync(`${out}.lock`)).toBe(false);
    const outcome = await batch(at("large"), out);
    expect(outcome.code).toBe(0);
    expect(summaryOf(outcome)).toMatchObject({ done_before: done, done: LARGE - done, left: 0 });
    expect(new Set(imagesOf(out)).size).toBe(LARGE);
    expect(imagesOf(out)).toHaveLength(LARGE);
  });

  test("by kill -9 computes again only what was in work, and cuts off a line that was not whole", async () => {
    const out = at("killed.jsonl");
    await endedInTheMiddle(out, "SIGKILL");
    expect(existsSync(`${out}.lock`)).toBe(true);
    const whole = linesOf(out).length;
    expect(whole).toBeLessThan(LARGE);
    const text = textOf(out);
    appendFileSync(out, '{"image":"half of a pict');
    const outcome = await batch(at("large"), out);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(summaryOf(outcome)).toMatchObject({ done_before: whole, done: LARGE - whole });
    // What was there is there as it was.
    expect(textOf(out).startsWith(text.slice(0, text.lastIndexOf("\n") + 1))).toBe(true);
    expect(new Set(imagesOf(out)).size).toBe(LARGE);
    expect(imagesOf(out)).toHaveLength(LARGE);
    expectRightClasses(linesOf(out));
    expect(existsSync(`${out}.lock`)).toBe(false);
  });

  test("is not joined by another one: results have one writer at a time", async () => {
    const out = at("locked.jsonl");
    const { code } = await endedInTheMiddle(out, "SIGTERM", async (pid) => {
      const second = await batch(at("large"), out);
      expect(second.code).toBe(1);
      expect(second.stderr).toContain(`process ${pid} on `);
    });
    expect(code).toBe(143);
    writeFileSync(`${out}.lock`, JSON.stringify({ pid: 1, host: "another machine" }));
    expect((await batch(at("large"), out)).stderr).toContain("process 1 on another machine is writing it");
  });
});

describe("a lock that a dead process has left", () => {
  test("goes to one of those who come for it at the same time", async () => {
    const out = at("raced.jsonl");
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(`${out}.lock`, JSON.stringify({ pid, host: hostname() }));
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => batch(at("small"), out)));
    const [winners, others] = [0, 1].map((code) => outcomes.filter((outcome) => outcome.code === code));
    expect(winners?.length).toBeGreaterThan(0);
    for (const { stderr } of others ?? []) expect(stderr).toContain("is writing it");
    // Whoever comes when the first is through finds all done.
    const done = (winners ?? []).map((outcome) => summaryOf(outcome).done);
    expect(done.filter((count) => count > 0)).toEqual([10]);
    expect(imagesOf(out)).toHaveLength(10);
  });
});

describe("a picture that fails", () => {
  test("is a line with its error, and is tried again only with --retry-failed", async () => {
    const images = at("broken");
    mkdirSync(images);
    for (const digit of [1, 2, 3, 4])
      copyFileSync(join(root, `models/digits/${digit}.png`), join(images, `${digit}.png`));
    const whole = readFileSync(join(images, "2.png"));
    writeFileSync(join(images, "2.png"), whole.subarray(0, 60));
    writeFileSync(join(images, "5.jpg"), "no picture");
    const out = at("broken.jsonl");
    const first = await batch(images, out);
    expect(first.code).toBe(2);
    expect(summaryOf(first)).toMatchObject({ done: 5, failed: 2, failed_before: 0 });
    expect(first.stderr.match(/^failed: .*\/(2\.png|5\.jpg): /gm)).toHaveLength(2);
    expect(linesOf(out).filter(({ error }) => error?.code === "ERR_RESOURCE")).toHaveLength(2);
    writeFileSync(join(images, "2.png"), whole);
    const second = await batch(images, out);
    expect(second.code).toBe(2);
    expect(summaryOf(second)).toMatchObject({ done_before: 5, done: 0, failed: 0, failed_before: 2 });
    const third = await batch(images, out, "--retry-failed");
    expect(third.code).toBe(2);
    expect(summaryOf(third)).toMatchObject({ done_before: 3, done: 2, failed: 1, failed_before: 0 });
    rmSync(join(images, "5.jpg"));
    const fourth = await batch(images, out);
    expect(fourth.code).toBe(0);
    expect(new Set(imagesOf(out)).size).toBe(5);
    expect(imagesOf(out)).toHaveLength(5);
    expectRightClasses(linesOf(out).filter(({ error }) => error === undefined));
  });

  test("by taking too long ends its worker, and the others have theirs", async () => {
    const images = at("slow");
    mkdirSync(images);
    writeFileSync(join(images, "huge-7.png"), largeDigit(7, 4000));
    for (const digit of [1, 2, 3, 4])
      copyFileSync(join(root, `models/digits/${digit}.png`), join(images, `z${digit}.png`));
    const out = at("slow.jsonl");
    const outcome = await batch(images, out, "--timeout", "0.3", "--workers", "1");
    expect(outcome.code).toBe(2);
    const [huge, ...others] = linesOf(out);
    expect(huge).toMatchObject({ image: `${images}/huge-7.png`, error: { code: "ERR_TIMEOUT" } });
    expect(others).toHaveLength(4);
    expectRightClasses(others);
  });
});

describe("results of something else", () => {
  test("are not added to", async () => {
    const out = at("mine.jsonl");
    writeFileSync(at("labels.txt"), [..."0123456789"].join("\n"));
    await batch(at("small"), out, "--top", "2");
    const before = textOf(out);
    const refused = async (expected: RegExp, ...args: string[]): Promise<void> => {
      const outcome = await lanewise("batch", ...args, "--images", at("small"), "--out", out);
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toMatch(expected);
      expect(textOf(out)).toBe(before);
    };
    await refused(/made with --top 2/, MODEL, "--top", "3");
    await refused(/made with no --preset/, MODEL, "--top", "2", "--preset", "unit");
    await refused(/made with no --labels/, MODEL, "--top", "2", "--labels", at("labels.txt"));
    const other = readFileSync(MODEL);
    writeFileSync(at("other.onnx"), Buffer.concat([other, Buffer.from([0x32, 1, 0x61])]));
    await refused(/made with another model \(SHA-256 [0-9a-f]{12}…\)/, at("other.onnx"), "--top", "2");
    writeFileSync(at("notes.txt"), "what somebody wrote");
    expect(await batch(at("small"), at("notes.txt"))).toMatchObject({ code: 1 });
    expect(textOf(at("notes.txt"))).toBe("what somebody wrote");
  });

  test("nor anything where the model or the labels do not fit", async () => {
    writeFileSync(at("two.txt"), "a\nb\n");
    const labels = await batch(at("small"), at("unfit.jsonl"), "--labels", at("two.txt"));
    expect(labels).toMatchObject({ code: 1, stderr: "lanewise: 2 labels for 10 scores\n" });
    const sobel = join(root, "models/sobel.onnx");
    const images = await lanewise("batch", sobel, "--images", at("small"), "--out", at("unfit.jsonl"));
    expect(images).toMatchObject({ code: 1, stderr: `lanewise: ${sobel} gives no class scores\n` });
    expect(textOf(at("unfit.jsonl"))).toBe("");
  });
});
