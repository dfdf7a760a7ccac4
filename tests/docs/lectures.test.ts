import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/consumer.ts";
import { DATA } from "../support/data.ts";

// scripts/lectures.mjs says of every line of the lectures what shows it; CI has it look whether the tests passed.

const page = readFileSync(join(root, "docs/lectures.md"), "utf8");

/** The cells of a table's rows, without its head. */
const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\| ([ABC]) \| (.+) \|$/gm)].map(([, lecture, rest]) => [
    lecture as string,
    ...(rest as string).split(" | "),
  ]);

test("docs/lectures.md is what scripts/lectures.mjs writes", () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/lectures.mjs"), "--check"], {
    encoding: "utf8",
  });
  expect(status === 0 ? "" : stderr).toBe("");
});

test("every program that it names is there", () => {
  const programs = [...page.matchAll(/`node (examples\/course\/[\w-]+\.mjs)`/g)].map(
    ([, path]) => path as string,
  );
  expect(programs.length).toBeGreaterThan(40);
  expect([...new Set(programs)].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("every line of the lectures has its line, in their order", (context) => {
  const source = join(DATA, "../LECTURES.md");
  if (!existsSync(source)) return context.skip("the lectures' list is not beside the checkout");
  const slides = (text: string): string[] => rowsOf(text).map(([lecture, slide]) => `${lecture}: ${slide}`);
  expect(slides(page)).toEqual(slides(readFileSync(source, "utf8")));
});
