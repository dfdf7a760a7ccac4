import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/consumer.ts";

const inFolder = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .filter((path) => !path.includes("node_modules/"));

/** Every page of the checkout. */
const pages = [
  ...readdirSync(root),
  ...["docs", "examples", "bench", "assembly", "tests"].flatMap(inFolder),
].filter((path) => path.endsWith(".md"));

const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** A page's text without its code: what looks like a link there is none. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "code");

/** The places on a page that links lead to, as GitHub names them. */
function placesOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const headings = text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.+)$/gm);
  const places = [...headings].map(([, heading]) => {
    const place = (heading as string)
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(place) ?? 0;
    seen.set(place, count + 1);
    return count === 0 ? place : `${place}-${count}`;
  });
  return new Set([...places, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id as string)]);
}

/** Links of a page that lead to no file, or to no place on it. */
function deadLinks(page: string, text = read(page)): string[] {
  const links = [...prose(text).matchAll(/\]\((?![a-z]+:)([^)\s#]*)(?:#([^)\s]*))?\)/g)];
  return links.flatMap(([link, path, place]) => {
    const target = path === "" ? page : posix.join(dirname(page), path as string);
    if (!existsSync(join(root, target))) return [link];
    const there = target === page ? text : place === undefined ? "" : read(target);
    return place === undefined || placesOf(there).has(place) ? [] : [link];
  });
}

describe("links", () => {
  test("that lead nowhere are found", () => {
    const text =
      "# A b\n[1](tfjs.md) [2](gone.md) [3](tfjs.md#training) [4](tfjs.md#gone) [5](#a-b) [6](#b) `[7](gone.md)`";
    expect(deadLinks("docs/cli.md", text)).toEqual(["](gone.md)", "](tfjs.md#gone)", "](#b)"]);
    expect(pages).toEqual(expect.arrayContaining(["README.md", "docs/README.md", "docs/api/lanewise.md"]));
  });

  test.each(pages)("of %s lead somewhere", (page) => {
    expect(deadLinks(page)).toEqual([]);
  });
});

test("docs/README.md lists every page of docs/", () => {
  const listed = new Set(
    [...read("docs/README.md").matchAll(/\]\(([^)]+\.md)\)/g)].map(([, path]) => `docs/${path}`),
  );
  const missing = pages.filter(
    (page) => page.startsWith("docs/") && page !== "docs/README.md" && !listed.has(page),
  );
  expect(missing).toEqual([]);
});
