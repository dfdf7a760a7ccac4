import { readFileSync } from "node:fs";
import { afterAll, describe, expect, type TestContext, test } from "vitest";
import { InferenceSession } from "../../src/index.ts";

import { preprocess } from "../../src/vision/index.ts";
import { dataPath } from "../support/data.ts";
import { type Classified, closeSite, createEngine, type EngineName, MODEL, ZEBRA } from "./engine.ts";
import { BLOBS, type Page } from "./site.ts";

// The packed package on a photo, in three engines: the right class, and the numbers that Node gives for the same pixels.

/** Where a session may run. All these pages' policy is strict: scripts and workers of the site, no eval. */
const PLACES: Readonly<Record<string, Page>> = {
  "page, files as they are served": { script: "served/page.js" },
  "page, one bundle": { script: "bundled/page.js" },
  "module worker": { script: "bundled/page-of-module-worker.js" },
  "classic worker": { script: "bundled/page-of-classic-worker.js" },
  "service worker": { script: "bundled/page-of-service-worker.js" },
  "lanewise/worker, files as they are served": { script: "served/page-of-sessions-in-workers.js" },
  "lanewise/worker, one bundle": { script: "bundled/page-of-sessions-in-workers.js", policy: BLOBS },
};

/** Relaxed SIMD that engines of today have; WebKit has none. */
const RELAXED: Readonly<Record<EngineName, boolean>> = { Chromium: true, Firefox: true, WebKit: false };

afterAll(closeSite);

describe.each(["Chromium", "Firefox", "WebKit"] as const)("%s", (name) => {
  const engine = createEngine(name);
  afterAll(engine.close);

  test.for(Object.entries(PLACES))("%s", async ([, page], context) => {
    const pages = await engine.open(context);
    const found = await pages.visit(page);
    expect(found.canEval).toBe(false);
    expect(found.threads).toBe(1);
    await expectRight(context, found);
  });

  test("the builds that it can run, and the better one by itself", async (context) => {
    const pages = await engine.open(context);
    const found = await pages.visit({ script: "served/page.js" });
    expect(found.builds).toMatchObject({ plain: true, relaxed: RELAXED[name] });
    expect(found.simd).toBe(RELAXED[name] ? "relaxed" : "plain");
    const plain = await pages.visit({ script: "served/page.js", options: { simd: "plain" } });
    expect(plain.simd).toBe("plain");
    await expectRight(context, plain);
  });

  test("onnxruntime-web finds the same in the same page", async (context) => {
    const pages = await engine.open(context);
    const { scores, peer = [] } = await pages.visit({ script: "bundled/page-of-both-runtimes.js" });
    expect(best(peer)).toBe(ZEBRA);
    expectClose(peer, scores);
  });
});

/** The right class, and what Node gives: bit for bit on the plain build, within rounding on the relaxed one. */
async function expectRight(context: TestContext, { scores, photo, simd }: Classified): Promise<void> {
  expect(best(scores)).toBe(ZEBRA);
  const session = await InferenceSession.create(readFileSync(dataPath(context, MODEL[0])), { simd });
  const image = { ...photo, data: Uint8ClampedArray.from(photo.data) };
  const { class_logits } = await session.run({ image: preprocess(image, "imagenet").tensor });
  await session.release();
  const expected = Array.from(class_logits?.data as Float32Array);
  if (simd === "plain") expect(scores).toEqual(expected);
  else expectClose(scores, expected);
}

const best = (scores: readonly number[]): number => scores.indexOf(Math.max(...scores));

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const differences = actual.map((score, i) => Math.abs(score - (expected[i] as number)));
  expect(Math.max(...differences)).toBeLessThan(1e-4 * Math.max(...expected.map(Math.abs)));
}
