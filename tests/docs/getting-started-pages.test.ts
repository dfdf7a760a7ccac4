import { readdirSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import { build as viteBuild } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, consumerOfBuild } from "../support/consumer.ts";
import { blockOf, blocksOf, linesOf } from "./blocks.ts";
import { CDN_HEADERS, createVisitor, type Site, serveFolder } from "./pages.ts";
import { best, exampleFolder, forSubject } from "./subject.ts";

// What docs/getting-started.md shows of browsers, as pages in Chromium.

const blocks = blocksOf("getting-started.md");
const code = (heading: string, language = "js", begins = "") =>
  forSubject(blockOf(blocks, heading, language, begins));

/** What the page says that a page with threads must be served with. */
const isolation: Readonly<Record<string, string>> = Object.fromEntries(
  linesOf(blockOf(blocks, "Threads", "")).map((line) => line.split(": ")),
);

let consumer: Consumer;
const browser = createVisitor();
const sites: Site[] = [];

beforeAll(() => {
  consumer = consumerOfBuild();
});

afterAll(async () => {
  await browser.close();
  await Promise.all(sites.map((site) => site.close()));
  consumer?.remove();
});

/** A folder with what the example's page needs, and `files`. */
function pageFolder(name: string, files: Readonly<Record<string, string>>): string {
  const folder = exampleFolder(consumer, name);
  consumer.write(`${name}/classify.js`, code("What pages share"));
  for (const [file, text] of Object.entries(files)) consumer.write(`${name}/${file}`, text);
  return folder;
}

async function serve(...args: Parameters<typeof serveFolder>): Promise<Site> {
  const site = await serveFolder(...args);
  sites.push(site);
  return site;
}

const page = (script: string): string => `<!doctype html><script type="module" src="${script}"></script>`;

/** A page's module in one file, as a bundler makes it. */
const bundle = (folder: string, name: string, format: "esm" | "iife" = "esm") =>
  esbuild({
    ...{ entryPoints: [join(folder, name)], outfile: join(folder, `bundled/${name}`), format },
    ...{ bundle: true, minify: true, target: "es2022", logLevel: "error" },
  });

const bestOf = ([top]: readonly unknown[]): unknown => (top as { index: number }[])[0]?.index;

describe("with a bundler", () => {
  test("a page, built by Vite", async (context) => {
    const visitor = await browser.open(context);
    const root = pageFolder("vite", {
      "main.js": code("A page with a bundler"),
      "index.html": page("main.js"),
    });
    const outDir = join(root, "dist");
    await viteBuild({ root, configFile: false, logLevel: "error", build: { outDir, target: "es2022" } });
    for (const name of ["model.onnx", "picture.jpg"]) await cp(join(root, name), join(outDir, name));
    const { origin } = await serve(outDir);
    expect(bestOf(await visitor.logged(`${origin}/`))).toBe(best);
  });

  test("a session off the main thread", async (context) => {
    const visitor = await browser.open(context);
    const folder = pageFolder("worker", { "main.js": code("Off the main thread") });
    consumer.write("worker/index.html", page("bundled/main.js"));
    await bundle(folder, "main.js");
    const { origin } = await serve(folder);
    expect(bestOf(await visitor.logged(`${origin}/`))).toBe(best);
  });

  test("threads, where the page is isolated and where it is not", async (context) => {
    const visitor = await browser.open(context);
    const folder = pageFolder("threads", { "main.js": code("Threads") });
    consumer.write("threads/index.html", page("bundled/main.js"));
    await bundle(folder, "main.js");
    const [isolated, open] = [await serve(folder, isolation), await serve(folder)];
    const [top, threads] = await visitor.logged(`${isolated.origin}/`);
    expect(bestOf([top])).toBe(best);
    expect(threads).toBeGreaterThan(1);
    expect((await visitor.logged(`${open.origin}/`))[1]).toBe(1);
  });

  test("offline, in a service worker", async (context) => {
    const visitor = await browser.open(context);
    const folder = pageFolder("offline", {
      "sw.js": code("Offline, in a service worker", "js", "// sw.js"),
      "page.js": code("Offline, in a service worker", "js", "// page.js"),
      "index.html": page("page.js"),
    });
    await bundle(folder, "sw.js", "iife");
    await cp(join(folder, "bundled/sw.js"), join(folder, "sw.js"));
    const site = await serve(folder);
    const ready = `${page("page.js")}<script type="module">
      await navigator.serviceWorker.ready;
      const stored = async () => (await (await caches.open("app")).keys()).length;
      while ((await stored()) < 4) await new Promise((resolve) => setTimeout(resolve, 20));
      console.log("ready");
    </script>`;
    consumer.write("offline/first.html", ready);
    expect(await visitor.logged(`${site.origin}/first.html`)).toEqual(["ready"]);
    await site.close();
    await expect(fetch(site.origin)).rejects.toThrow();
    expect(bestOf(await visitor.logged(`${site.origin}/`))).toBe(best);
  });
});

describe("without a bundler, from a CDN of another origin", () => {
  /** The block's addresses, at a server that serves the installed package as a CDN does. */
  async function fromCdn(html: string): Promise<string> {
    const { version } = consumer.manifest;
    const cdn = await serve(consumer.installed, CDN_HEADERS, `/lanewise@${version}/`);
    return html.replaceAll("https://CDN/", `${cdn.origin}/`).replaceAll("@VERSION/", `@${version}/`);
  }

  const block = code("A page without a bundler", "html");

  /** The block's page with another module, and addresses for every entry. */
  function pageOf(module: string): string {
    const [, address] = /"(https:[^"]*)index\.js"/.exec(block) as unknown as [string, string];
    const entries = ["vision", "worker", "threads", "nn", "train", "all", "ort"];
    const imports = Object.fromEntries(
      entries.map((entry) => [`lanewise/${entry}`, `${address}${entry}.js`]),
    );
    const map = JSON.stringify({ imports: { lanewise: `${address}index.js`, ...imports } });
    return `<!doctype html><script type="importmap">${map}</script><script type="module">${module}</script>`;
  }

  async function logged(
    context: Parameters<typeof browser.open>[0],
    name: string,
    html: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<readonly unknown[]> {
    const visitor = await browser.open(context);
    const folder = pageFolder(name, { "index.html": await fromCdn(html) });
    const { origin } = await serve(folder, headers);
    return visitor.logged(`${origin}/`);
  }

  test("the page", async (context) => {
    expect(bestOf(await logged(context, "cdn", `<!doctype html>${block}`))).toBe(best);
  });

  test("a session in a worker, whose script is the CDN's", async (context) => {
    expect(bestOf(await logged(context, "cdn-worker", pageOf(code("Off the main thread"))))).toBe(best);
  });

  test("threads in an isolated page", async (context) => {
    const [top, threads] = await logged(context, "cdn-threads", pageOf(code("Threads")), isolation);
    expect(bestOf([top])).toBe(best);
    expect(threads).toBeGreaterThan(1);
  });

  test("training", async (context) => {
    const [scores] = await logged(context, "cdn-training", pageOf(code("Training")));
    expect((scores as { accuracy: number }).accuracy).toBeGreaterThan(0.9);
  });

  test("every entry's module loads", async (context) => {
    const files = readdirSync(join(consumer.installed, "dist/browser"));
    const entries = ["all", "nn", "ort", "threads", "train", "vision", "worker"];
    expect(files).toEqual(expect.arrayContaining(entries.map((entry) => `${entry}.js`)));
    const module = `const modules = await Promise.all(${JSON.stringify(entries)}.map((entry) => import(\`lanewise/\${entry}\`)));
      console.log(modules.map((module) => Object.keys(module).length > 0));`;
    const [loaded] = await logged(context, "cdn-entries", pageOf(module));
    expect(loaded).toEqual(entries.map(() => true));
  });

  test("what the CDNs give for the package's bare address is the browser's default entry", async () => {
    const manifest = consumer.manifest as unknown as Record<string, unknown>;
    expect([manifest.unpkg, manifest.jsdelivr]).toEqual([
      "./dist/browser/index.js",
      "./dist/browser/index.js",
    ]);
  });
});
