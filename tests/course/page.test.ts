import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/course.md"), "utf8");
const experiments = readdirSync(join(root, "examples/course")).filter((name) => name.endsWith(".mjs"));
const pictures = readdirSync(join(root, "docs/course"));
const tests = readdirSync(join(root, "tests/course"))
  .map((name) => readFileSync(join(root, "tests/course", name), "utf8"))
  .join("\n");

/** What the page says of an experiment: from its command's heading to the next one. */
const sectionOf = (script: string): string => {
  const sections = page.split(/^### /m);
  return sections.find((section) => section.includes(`    node examples/course/${script}`)) ?? "";
};

describe("docs/course.md", () => {
  test.each(experiments)("shows %s: its lectures, a picture, an exercise; and it is tested", (script) => {
    const section = sectionOf(script);
    const source = readFileSync(join(root, "examples/course", script), "utf8");
    const lectures = source.match(/lecture: "([^"]+)"/)?.[1] ?? "";
    expect(lectures).toMatch(/^[ABC]: /);
    for (const [, lecture] of lectures.matchAll(/(?:^|; )([ABC]): /g))
      expect(section).toMatch(new RegExp(`\\b${lecture}, `));
    expect(section).toMatch(/!\[[^\]]{20,}\]\(course\/[\w-]+\.(svg|jpg)\)/);
    expect(section).toContain("\nExercise: ");
    const name = script.replace(".mjs", "");
    for (const call of ["course", "answered"]) expect(tests).toContain(`${call}("${name}"`);
  });

  test("its pictures are all shown, and small", () => {
    for (const picture of pictures) expect(page).toContain(`(course/${picture})`);
    const bytes = pictures.reduce((sum, name) => sum + statSync(join(root, "docs/course", name)).size, 0);
    expect(bytes).toBeLessThan(750_000);
  });
});
