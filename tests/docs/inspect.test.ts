import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { decodeImage } from "../../src/cli/image-file.ts";
import { root } from "../support/consumer.ts";
import { elementsOf } from "../support/well-formed.ts";
import { blocksOf } from "./blocks.ts";

// What docs/inspect.md shows of the command line, run as it stands.

const folder = mkdtempSync(join(tmpdir(), "lanewise-docs-inspect-"));
symlinkSync(join(root, "models"), join(folder, "models"));
afterAll(() => rmSync(folder, { recursive: true }));

const sessions = blocksOf("inspect.md").filter(({ language }) => language === "console");

const NUMBER = /-?\d+(\.\d+)?/g;

/** Whether lines say the same, times aside, their numbers to a twentieth: kernels differ in last bits from machine to machine. */
function isAlike(found: string, shown: string): boolean {
  const words = (line: string): string =>
    line
      .replace(/\d+(\.\d+)? ms/g, "a time")
      .replace(NUMBER, "#")
      .replace(/ +/g, " ");
  if (words(found) !== words(shown)) return false;
  const numbers = (line: string): number[] =>
    (line.replace(/\d+(\.\d+)? ms/g, "").match(NUMBER) ?? []).map(Number);
  const [own, expected] = [numbers(found), numbers(shown)];
  return own.every(
    (value, i) => Math.abs(value - (expected[i] as number)) <= 0.01 + 0.05 * Math.abs(expected[i] as number),
  );
}

test("every word that takes no picture of one's own is shown", () => {
  expect(sessions.map(({ code }) => /^\$ lanewise inspect \S+ ([\w-]+)/.exec(code)?.[1])).toEqual([
    ...["receptive-field", "histograms", "maximise", "confusion", "embed", "embed"],
  ]);
});

test.each(sessions.map(({ code }) => [code.split("\n")[0] as string, code] as const))("%s", (_, code) => {
  const [command, ...shown] = code.trimEnd().split("\n") as [string, ...string[]];
  const [, ...args] = command.replace("$ ", "").split(" ");
  const printed = execFileSync(process.execPath, [join(root, "dist/cli.js"), ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  const found = printed.trimEnd().split("\n");
  // A line of … stands for some.
  const left = shown.indexOf("…");
  const [head, tail] = left < 0 ? [shown, []] : [shown.slice(0, left), shown.slice(left + 1)];
  const ends = found.slice(found.length - tail.length);
  if (left < 0) expect(found).toHaveLength(shown.length);
  const pairs = [...head.map((line, i) => [found[i], line]), ...tail.map((line, i) => [ends[i], line])];
  for (const [own = "", line = ""] of pairs) expect(isAlike(own, line), `${own}\n${line}`).toBe(true);
  const output = /--output (\S+)/.exec(command)?.[1];
  if (output === undefined) return;
  const bytes = readFileSync(join(folder, output));
  if (output.endsWith(".svg")) expect(elementsOf(bytes.toString()).length).toBeGreaterThan(30);
  else expect(decodeImage(bytes, output).width).toBeGreaterThanOrEqual(224);
});
