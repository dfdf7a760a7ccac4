import { afterAll, expect, test } from "vitest";
import { smallModel } from "../support/small-model.ts";
import { createPages, type PageModules, SCRIPTS } from "./harness.ts";

const browser = createPages();
afterAll(browser.close);

test("the package runs where eval is forbidden", async (context) => {
  const pages = await browser.open(context);
  const path = pages.serve("/small.onnx", { body: smallModel() });
  const { evalWorks, outputs, violations } = await pages.run(async ({ lanewise }, path) => {
    const violations: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(event.blockedURI));
    const session = await lanewise.InferenceSession.create(path);
    const results = await session.run({
      x: new lanewise.Tensor("float32", new Float32Array(1440), [1, 3, 20, 24]),
    });
    await new Promise((done) => setTimeout(done));
    const own = [...violations];
    // The policy is really in force: the page itself cannot eval.
    let evalWorks = true;
    try {
      new Function("return 1")();
    } catch {
      evalWorks = false;
    }
    return { evalWorks, outputs: Object.keys(results), violations: own };
  }, path);
  expect(evalWorks).toBe(false);
  expect(violations).toEqual([]);
  expect(outputs).toEqual(["y"]);
});

test("the page is asked for nothing but the package itself", async (context) => {
  const pages = await browser.open(context);
  const path = pages.serve("/small.onnx", { body: smallModel() });
  const fetched = await pages.run(async ({ lanewise }, path) => {
    await lanewise.InferenceSession.create(path);
    return performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
  }, path);
  // The icon is what a browser asks for of itself, when it gets round to it.
  const served = new Set([...SCRIPTS, path, "/favicon.ico"]);
  expect(fetched).toContain(path);
  expect(fetched.filter((name) => !name.startsWith("/page-") && !served.has(name))).toEqual([]);
});

test("Chromium has both SIMD builds, and a session takes the relaxed one by itself", async (context) => {
  const pages = await browser.open(context);
  const path = pages.serve("/small.onnx", { body: smallModel() });
  const { simd, chosen } = await pages.run(async ({ lanewise }, path) => {
    const session = await lanewise.InferenceSession.create(path);
    return { simd: lanewise.capabilities().simd, chosen: session.simd };
  }, path);
  expect(simd).toEqual({ plain: true, relaxed: true });
  expect(chosen).toBe("relaxed");
});

test("a page that is not isolated learns what threads need; a session on one thread runs there", async (context) => {
  const pages = await browser.open(context);
  const path = pages.serve("/small.onnx", { body: smallModel() });
  const { threads, error, used } = await pages.run(async ({ lanewise, threading }, path) => {
    const { create } = lanewise.InferenceSession;
    const failed = await create(path, { threading, threads: 2 }).then(
      () => undefined,
      (reason: Error) => reason,
    );
    const session = await create(path, { threading, threads: "auto" });
    return { threads: lanewise.capabilities().threads, error: failed?.message, used: session.threads };
  }, path);
  expect(threads.available).toBe(false);
  expect(threads.reason).toMatch(/not cross-origin isolated.*Cross-Origin-Embedder-Policy/);
  expect(error).toMatch(/not cross-origin isolated/);
  expect(used).toBe(1);
});

test("an isolated page runs on two threads what one thread gives, under the same policy", async (context) => {
  const pages = await browser.open(context);
  const path = pages.serve("/small.onnx", { body: smallModel() });
  const run = async ({ lanewise, threading }: PageModules, path: string) => {
    const outputs: number[][] = [];
    const used: number[] = [];
    for (const threads of [1, 2]) {
      const session = await lanewise.InferenceSession.create(path, { threading, threads, simd: "plain" });
      const x = Float32Array.from({ length: 1440 }, (_, i) => Math.sin(i));
      const { y } = await session.run({ x: new lanewise.Tensor("float32", x, [1, 3, 20, 24]) });
      outputs.push(Array.from(y?.data as Float32Array));
      used.push(session.threads);
      await session.release();
    }
    return { outputs, used };
  };
  const { outputs, used } = await pages.run(run, path, { isolated: true });
  expect(used).toEqual([1, 2]);
  expect(outputs[1]).toEqual(outputs[0]);
});

test("a page that takes every entry downloads no file twice, and has one LanewiseError", async (context) => {
  const pages = await browser.open(context);
  const { files, thrown } = await pages.run(
    async ({ lanewise, vision, nn, train }) => {
      const thrown: boolean[] = [];
      const attempt = async (work: () => unknown) => {
        try {
          await work();
        } catch (error) {
          thrown.push(error instanceof lanewise.LanewiseError);
        }
      };
      await attempt(() => vision.topK("no numbers" as never));
      await attempt(() => nn.sequential({} as never, 3 as never));
      await attempt(() => train.compile(5 as never, {} as never));
      const files = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
      return { files: files.filter((name) => name.startsWith("/lanewise/")), thrown };
    },
    undefined,
    { training: true },
  );
  expect(thrown).toEqual([true, true, true]);
  expect(files.length).toBeGreaterThan(5);
  expect(new Set(files).size).toBe(files.length);
});
