import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { PLAIN_HOST } from "../../scripts/engines/chromium.mjs";
import { closeSite, createEngine } from "./engine.ts";
import { BLOBS, type Page } from "./site.ts";

// Threads in three engines: the same bits as on one thread where there is shared memory, and elsewhere what is missing.

const THREADS = "bundled/page-of-threads.js";
const SERVED: Page = { script: "served/page-of-threads.js", isolated: true };
/** A session on two threads in a worker, which starts workers of its own. */
const NESTED: Page = { script: "served/page-of-sessions-in-workers.js", isolated: true };

afterAll(closeSite);

describe.each(["Chromium", "Firefox", "WebKit"] as const)("%s", (name) => {
  // As Safari has it; WebKitGTK must be told to.
  const engine = createEngine(name, { sharedMemory: true });
  afterAll(engine.close);

  test.for([
    ["its workers' script from the site, blobs forbidden", SERVED],
    ["its workers' script from the bundle", { script: THREADS, isolated: true, policy: BLOBS }],
    ["all of it in a worker", NESTED],
  ] satisfies [string, Page][])("an isolated page runs on two threads: %s", async ([, page], context) => {
    const pages = await engine.open(context);
    const one = await pages.visit({ ...page, options: { simd: "plain", threads: 1 } });
    const two = await pages.visit({ ...page, options: { simd: "plain", threads: 2 } });
    expect([one.threads, two.threads]).toEqual([1, 2]);
    expect(two.scores).toEqual(one.scores);
  });

  test("a service worker of the site's own isolates a page whose host sets no headers", async (context) => {
    const pages = await engine.open(context);
    const page = { script: "bundled/page-of-isolation.js", before: "/isolate.js", policy: BLOBS } as const;
    const { threads } = await pages.visit({ ...page, options: { threads: 2 } });
    expect(threads).toBe(2);
  });

  test("credentialless isolates a page, but not in WebKit", async (context) => {
    const pages = await engine.open(context);
    const visit = pages.visit({
      ...{ script: THREADS, options: { threads: 2 } },
      ...{ isolated: "credentialless", policy: BLOBS },
    });
    if (name === "WebKit") await expect(visit).rejects.toThrow(/not cross-origin isolated/);
    else expect((await visit).threads).toBe(2);
  });

  test("a page that is not isolated learns which headers are missing", async (context) => {
    const pages = await engine.open(context);
    const page: Page = { script: THREADS, options: { threads: 2 } };
    await expect(pages.visit(page)).rejects.toThrow(
      /not cross-origin isolated: serve it with Cross-Origin-Opener-Policy.*require-corp$/,
    );
  });
});

describe("a page over plain http", () => {
  const engine = createEngine("Chromium");
  afterAll(engine.close);

  test("learns that headers alone do not isolate it", async (context) => {
    const pages = await engine.open(context);
    const page: Page = { script: THREADS, options: { threads: 2 }, isolated: true, host: PLAIN_HOST };
    await expect(pages.visit(page)).rejects.toThrow(/not cross-origin isolated.*and over https$/);
  });
});

describe("WebKitGTK as it comes", () => {
  const engine = createEngine("WebKit");
  afterAll(engine.close);

  test("has no SharedArrayBuffer for isolated pages either, and the error says so", async (context) => {
    const pages = await engine.open(context);
    const page = { ...SERVED, options: { threads: 2 } };
    await expect(pages.visit(page)).rejects.toThrow(/the engine has no SharedArrayBuffer/);
  });

  test("takes one thread where the page leaves the number open", async (context) => {
    const pages = await engine.open(context);
    const { threads } = await pages.visit({ ...SERVED, options: { threads: "auto" } });
    expect(threads).toBe(1);
  });
});

test("the docs give every host the headers that isolate", () => {
  const docs = readFileSync(new URL("../../docs/threads.md", import.meta.url), "utf8");
  const [, ready = ""] = docs.split("## Ready headers");
  // `name: value`, `name value`, and JSON's { "key": name, "value": value }.
  const header = /(Cross-Origin-\w+-Policy)"?[:,]? *(?:"value": )?"?([\w-]+)/g;
  const hosts = Array.from(
    ready.matchAll(/\*\*(Netlify|Vercel|nginx|Apache|Vite|GitHub Pages)\*\*.*?```(.*?)```/gs),
  );
  expect(hosts.length).toBe(6);
  for (const [, host, block = ""] of hosts)
    expect(
      Array.from(block.matchAll(header), ([, name, value]) => `${name} ${value}`),
      host,
    ).toEqual(["Cross-Origin-Opener-Policy same-origin", "Cross-Origin-Embedder-Policy require-corp"]);
});
