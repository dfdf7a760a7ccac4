// Prints how long the tests took, by folder: node scripts/test-times.mjs RESULTS, where vitest has written RESULTS as JSON.
// Files run beside each other, so that the sum is more than what a clock has seen.
import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const tests = fileURLToPath(new URL("../tests", import.meta.url));
const { testResults } = JSON.parse(readFileSync(process.argv[2], "utf8"));

const folders = new Map();
for (const { name, startTime, endTime } of testResults) {
  const [folder] = relative(tests, name).split(sep);
  const { milliseconds = 0, files = 0 } = folders.get(folder) ?? {};
  folders.set(folder, { milliseconds: milliseconds + endTime - startTime, files: files + 1 });
}
const rows = [...folders].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
for (const [folder, { milliseconds, files }] of rows)
  console.log(
    `${String(Math.round(milliseconds / 1000)).padStart(9)} s  tests/${folder}${files > 1 ? `, ${files} files` : ""}`,
  );
