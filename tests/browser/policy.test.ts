import { afterAll, expect, test } from "vitest";
import { smallModel } from "../support/small-model.ts";
import { createPages } from "./harness.ts";

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
  expect(fetched.filter((name) => !name.startsWith("/page-")).sort()).toEqual([
    "/lanewise/index.js",
    "/lanewise/vision.js",
    path,
  ]);
});

test("Chromium has both SIMD builds, and a session takes the relaxed one by itself", async (context) => {
  const pages = await browser.open(context);
  const path = pages.serve("/small.onnx", { body: smallModel() });
  const { support, chosen } = await pages.run(async ({ lanewise }, path) => {
    const session = await lanewise.InferenceSession.create(path);
    return { support: lanewise.simdSupport(), chosen: session.simd };
  }, path);
  expect(support).toEqual({ plain: true, relaxed: true });
  expect(chosen).toBe("relaxed");
});
