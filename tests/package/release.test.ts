import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, consumerOf, root } from "../support/consumer.ts";

// What `npm run release` makes of a built checkout. The addresses are examples: nothing is asked for there.

const REPOSITORY = "https://github.com/someone/lanewise";
const MINUTES = 60_000;

const checkout = mkdtempSync(join(tmpdir(), "lanewise-release-"));
const changelog = join(checkout, "CHANGELOG.md");

const release = (...args: string[]) =>
  spawnSync(process.execPath, [join(checkout, "scripts/release.mjs"), "--no-build", ...args], {
    encoding: "utf8",
  });

/** The changelog as it is on the day of a release. */
const dated = (text: string) => text.replace(/^## (\S+) \(.*\)$/m, "## $1 (2026-12-01)");

beforeAll(() => {
  for (const name of readdirSync(root))
    if (![".git", "node_modules", "build"].includes(name))
      cpSync(join(root, name), join(checkout, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
}, MINUTES);

afterAll(() => rmSync(checkout, { recursive: true, force: true }));

describe("a release", () => {
  test.each([
    ["no address", [], /--repository URL/],
    ["an address of no known host", ["--repository", "https://example.com/lanewise"], /GitHub, GitLab/],
  ])("is refused with %s", (_, args, message) => {
    const { status, stderr } = release(...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });

  test("is refused while the changelog does not say when", () => {
    const text = readFileSync(changelog, "utf8");
    writeFileSync(changelog, dated(text).replace("(2026-12-01)", "(unreleased)"));
    expect(release("--repository", REPOSITORY)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/expected "## \S+ \(YYYY-MM-DD\)"/),
    });
    writeFileSync(changelog, text);
  });

  describe("with an address and a day", () => {
    let consumer: Consumer;

    beforeAll(() => {
      writeFileSync(changelog, dated(readFileSync(changelog, "utf8")));
      const { status, stdout, stderr } = release("--repository", REPOSITORY);
      expect(stderr).toBe("");
      expect(status).toBe(0);
      consumer = consumerOf(() => stdout.split("\n", 1)[0] as string);
    }, MINUTES);

    afterAll(() => consumer?.remove());

    test("says where the project lives", () => {
      expect(consumer.manifest).toMatchObject({
        repository: { type: "git", url: `git+${REPOSITORY}.git` },
        homepage: `${REPOSITORY}#readme`,
        bugs: { url: `${REPOSITORY}/issues` },
      });
    });

    test("leads from its README to files of the repository", () => {
      const readme = readFileSync(join(consumer.installed, "README.md"), "utf8");
      const links = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
      expect(links).toContain(`${REPOSITORY}/blob/v${consumer.manifest.version}/docs/architecture.md`);
      for (const link of links) expect(link).toMatch(/^(https:|#)/);
    });

    test("holds what the package of the checkout holds", () => {
      const args = ["pack", "--dry-run", "--ignore-scripts", "--json"];
      const packed = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8" })) as [
        { files: { path: string }[] },
      ];
      const names = readdirSync(consumer.installed, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(consumer.installed.length + 1));
      expect(names.sort()).toEqual(packed[0].files.map(({ path }) => path).sort());
    });

    test("leaves the checkout as it was", () => {
      for (const name of ["README.md", "package.json"])
        expect(readFileSync(join(checkout, name), "utf8")).toBe(readFileSync(join(root, name), "utf8"));
    });
  });
});
