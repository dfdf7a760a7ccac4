import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findTestFolders, runTestFolder } from "../../src/cli/test-folder.ts";
import { dataPath } from "../support/data.ts";
import { ATOL, CONFIGURATIONS, RTOL } from "./configurations.ts";

const CATEGORIES = ["node", "simple", "pytorch-converted", "pytorch-operator"];

const EXPECTATIONS_FILE = new URL("expectations.json", import.meta.url);

/**
 * ONNX's tests that do not pass, each with the reason; all others must pass, and these must not. Those whose reason
 * starts with "random" compare with somebody else's random numbers, so that luck may pass them.
 */
const expectations = JSON.parse(readFileSync(EXPECTATIONS_FILE, "utf8")) as Readonly<Record<string, string>>;

/** UPDATE_EXPECTATIONS=1 writes the file anew; a reason that somebody wrote stays as long as its test does not pass. */
const updating = process.env.UPDATE_EXPECTATIONS === "1";
const failures = new Map<string, string>();

const isRandom = (name: string): boolean => expectations[name]?.startsWith("random") === true;

const MAX_REASON_LENGTH = 160;

const shortened = (text: string): string => {
  const line = text.replace(/\s+/g, " ");
  return line.length <= MAX_REASON_LENGTH ? line : `${line.slice(0, MAX_REASON_LENGTH - 1)}…`;
};

describe.each(CONFIGURATIONS)("at $graphOptimizationLevel, on $simd SIMD", (options) => {
  test.for(CATEGORIES)(
    "ONNX's %s tests pass, but for those that the expectations name",
    async (category, context) => {
      const folders = findTestFolders(dataPath(context, "onnx-backend", category));
      expect(folders).not.toEqual([]);
      const unexpectedFailures: Record<string, string> = {};
      const unexpectedPasses: string[] = [];
      for (const folder of folders) {
        const name = `${category}/${basename(folder)}`;
        const { status, reason = status } = await runTestFolder(
          folder,
          name,
          { rtol: RTOL, atol: ATOL },
          options,
        );
        if (status !== "passed" || isRandom(name)) failures.set(name, reason);
        if (status !== "passed" && !(name in expectations)) unexpectedFailures[name] = shortened(reason);
        if (status === "passed" && name in expectations && !isRandom(name)) unexpectedPasses.push(name);
      }
      if (updating) return;
      expect(unexpectedFailures, "tests that must pass or be named in expectations.json").toEqual({});
      expect(unexpectedPasses, "tests that pass and must leave expectations.json").toEqual([]);
    },
  );
});

test("every expectation names a test that there is", (context) => {
  const folder = dataPath(context, "onnx-backend");
  const known = new Set(
    CATEGORIES.flatMap((category) =>
      findTestFolders(`${folder}/${category}`).map((path) => `${category}/${basename(path)}`),
    ),
  );
  expect(Object.keys(expectations).filter((name) => !known.has(name))).toEqual([]);
});

afterAll(() => {
  if (!updating) return;
  const entries = [...failures].map(
    ([name, reason]) => [name, expectations[name] ?? shortened(reason)] as const,
  );
  writeFileSync(
    EXPECTATIONS_FILE,
    `${JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`,
  );
});
