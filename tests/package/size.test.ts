import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleSize, DOWNLOAD_BUDGET_BYTES, PART_BUDGET_BYTES, PARTS } from "../../scripts/size.mjs";
import { type Consumer, consumerOfBuild, root } from "../support/consumer.ts";

let consumer: Consumer;

beforeAll(() => {
  consumer = consumerOfBuild();
});

afterAll(() => consumer.remove());

describe("what a page downloads", () => {
  test("for a session is within its budget", async () => {
    const bytes = await bundleSize("InferenceSession", "lanewise", consumer.folder);
    expect(bytes).toBeLessThanOrEqual(DOWNLOAD_BUDGET_BYTES);
    // The kernels are inside.
    expect(bytes).toBeGreaterThan(60_000);
  });

  test.each(PARTS)("for %s of %s alone is a fraction of that", async (name, entry) => {
    expect(await bundleSize(name, entry, consumer.folder)).toBeLessThanOrEqual(PART_BUDGET_BYTES);
  });

  test("holds no module twice, whichever entries it takes", () => {
    const { outputs } = JSON.parse(readFileSync(join(root, "build/browser.meta.json"), "utf8")) as Metafile;
    const holders = new Map<string, string[]>();
    for (const [file, { inputs }] of Object.entries(outputs))
      for (const module of Object.keys(inputs)) holders.set(module, [...(holders.get(module) ?? []), file]);
    expect(holders.size).toBeGreaterThan(300);
    expect([...holders].filter(([, files]) => files.length > 1)).toEqual([]);
  });
});

test("errors are known across copies of lanewise that bundles hold, by class", async () => {
  const bundle = async (name: string, format: "esm" | "cjs") => {
    const { outputFiles } = await build({
      stdin: {
        contents: `export { InferenceSession, LanewiseError, ModelError, ShapeError } from "lanewise";`,
        resolveDir: consumer.folder,
      },
      bundle: true,
      minify: true,
      platform: "browser",
      format,
      write: false,
      logLevel: "silent",
    });
    consumer.write(name, outputFiles[0]?.contents as Uint8Array);
  };
  await Promise.all([bundle("one.js", "esm"), bundle("two.cjs", "cjs")]);
  const printed = consumer.runModule(
    "copies.js",
    `import * as one from "./one.js";
    import { createRequire } from "node:module";
    const two = createRequire(import.meta.url)("./two.cjs");
    class Own extends two.ModelError {}
    const thrown = await one.InferenceSession.create(Uint8Array.of(255, 255)).catch((error) => error);
    console.log(JSON.stringify({
      copies: one.LanewiseError !== two.LanewiseError,
      thrown: [one.LanewiseError, one.ModelError, two.LanewiseError, two.ModelError].map((type) => thrown instanceof type),
      others: [two.ShapeError, one.ShapeError, Own].map((type) => thrown instanceof type),
      strangers: [new Error("no"), null, 7, {}].map((value) => value instanceof two.LanewiseError),
      own: [two.LanewiseError, one.ModelError, Own, one.ShapeError].map((type) => new Own("", "own") instanceof type),
      said: String(thrown).slice(0, 12),
    }));`,
  );
  expect(JSON.parse(printed)).toEqual({
    copies: true,
    thrown: [true, true, true, true],
    others: [false, false, false],
    strangers: [false, false, false, false],
    own: [true, true, true, false],
    said: "ModelError: ",
  });
});
