import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ARCHIVE_BUDGET_BYTES, BUDGETS, bundleSize } from "../../scripts/size.mjs";
import { type Consumer, consumerOfBuild, root } from "../support/consumer.ts";

let consumer: Consumer;

beforeAll(() => {
  consumer = consumerOfBuild();
});

afterAll(() => consumer.remove());

describe("what a page downloads", () => {
  test.each(BUDGETS)(
    "for $name of $entry is at most $budgetBytes bytes",
    async ({ name, entry, budgetBytes, laterBytes = 0 }) => {
      const sizes = await bundleSize(name, entry, consumer.folder);
      expect(sizes.firstBytes).toBeLessThanOrEqual(budgetBytes);
      expect(sizes.laterBytes).toBeLessThanOrEqual(laterBytes);
    },
  );

  test("has a budget for every entry that browsers have", () => {
    const entries = Object.entries(consumer.manifest.exports).flatMap(([name, target]) =>
      typeof target === "string" || !("browser" in target) || name.endsWith(".js")
        ? []
        : name.replace(".", "lanewise"),
    );
    const whole = BUDGETS.filter(({ name }) => name === "*").map(({ entry }) => entry);
    expect(whole.sort()).toEqual(entries.sort());
  });

  test("for a session has the kernels inside", async () => {
    const { firstBytes } = await bundleSize("InferenceSession", "lanewise", consumer.folder);
    expect(firstBytes).toBeGreaterThan(60_000);
  });

  test("to install it is within its budget", () => {
    expect(statSync(consumer.archive).size).toBeLessThanOrEqual(ARCHIVE_BUDGET_BYTES);
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
