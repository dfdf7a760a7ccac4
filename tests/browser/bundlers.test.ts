import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build as esbuild } from "esbuild";
import { chromium } from "playwright-core";
import { createServer, build as viteBuild } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findChromium, NO_CHROMIUM } from "../../scripts/chromium.mjs";
import { type Consumer, consumerOfBuild, npm, runNode } from "../support/consumer.ts";
import { leaveOut } from "../support/leave-out.ts";
import { smallModel } from "../support/small-model.ts";
import { CONTENT_SECURITY_POLICY, createPages, type PageModules } from "./harness.ts";

// Threads and sessions in workers, as bundlers make pages of them: nothing is copied by hand beside what they write.

const POLICY = `${CONTENT_SECURITY_POLICY}; worker-src blob:`;

/** A page's module: what one thread, two threads and a worker of two threads give, and on how many they ran. */
const MAIN = `
import { InferenceSession, Tensor } from "lanewise";
import { threading } from "lanewise/threads";
import { InferenceSession as WorkerSession } from "lanewise/worker";

globalThis.main = async function main(address) {
  const sessions = [
    await InferenceSession.create(address),
    await InferenceSession.create(address, { threads: 2, threading }),
    await WorkerSession.create(address, { threads: 2 }),
  ];
  const outputs = [];
  for (const session of sessions) {
    const x = new Tensor("float32", new Float32Array(1440).fill(0.5), [1, 3, 20, 24]);
    const { y } = await session.run({ x });
    outputs.push(Array.from(y.data));
  }
  return { outputs, threads: sessions.map(({ threads }) => threads) };
}`;

let consumer: Consumer;
let main: string;
const browser = createPages();

beforeAll(() => {
  consumer = consumerOfBuild();
  main = consumer.write("main.js", MAIN);
});

afterAll(async () => {
  await browser.close();
  consumer.remove();
  if (others !== undefined) rmSync(others, { recursive: true, force: true });
});

/** Bundlers that the project has no other use for. */
const OTHERS = ["webpack@5", "rollup@4", "@rollup/plugin-node-resolve@16", "parcel@2"];

type Webpack = (
  config: object,
  done: (error: Error | null, stats?: { hasErrors(): boolean; hasWarnings(): boolean }) => void,
) => void;
type Rollup = (options: object) => Promise<{ write(options: object): Promise<unknown> }>;

let others: string | undefined;

/** Where they are; they are installed when the first is asked for. */
function folderOfOthers(): string {
  if (others === undefined) {
    others = mkdtempSync(join(tmpdir(), "lanewise-bundlers-"));
    npm(others, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", ...OTHERS);
  }
  return others;
}

/** A module of theirs. */
async function installed<Module>(name: string): Promise<Module> {
  const path = createRequire(join(folderOfOthers(), "index.js")).resolve(name);
  return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Module;
}

interface Bundled {
  main(address: string): Promise<Found>;
}

interface Found {
  readonly outputs: readonly number[][];
  readonly threads: readonly number[];
}

function check({ outputs, threads }: Found): void {
  expect(threads).toEqual([1, 2, 2]);
  expect(outputs[0]?.length).toBeGreaterThan(0);
  expect(outputs[1]).toEqual(outputs[0]);
  expect(outputs[2]).toEqual(outputs[0]);
}

const BUNDLERS: Readonly<Record<string, (outdir: string) => Promise<unknown>>> = {
  esbuild: (outdir) =>
    esbuild({
      ...{ entryPoints: [main], outdir, bundle: true, format: "esm", platform: "browser", minify: true },
      absWorkingDir: consumer.folder,
      logLevel: "error",
    }),
  "Vite build": (outdir) =>
    viteBuild({
      root: consumer.folder,
      configFile: false,
      logLevel: "error",
      build: {
        outDir: outdir,
        rollupOptions: {
          input: main,
          preserveEntrySignatures: "strict",
          output: { entryFileNames: "main.js" },
        },
      },
    }),
  webpack: async (outdir) => {
    const { default: webpack } = await installed<{ default: Webpack }>("webpack");
    const config = { mode: "production", entry: main, output: { path: outdir, filename: "main.js" } };
    await new Promise<void>((done, fail) => {
      webpack({ ...config, performance: false }, (error, stats) => {
        if (error || stats?.hasErrors() || stats?.hasWarnings()) fail(error ?? new Error(String(stats)));
        else done();
      });
    });
  },
  Rollup: async (outdir) => {
    const { rollup } = await installed<{ rollup: Rollup }>("rollup");
    const { nodeResolve } = await installed<{ nodeResolve: (options: object) => unknown }>(
      "@rollup/plugin-node-resolve",
    );
    const bundle = await rollup({
      input: main,
      plugins: [nodeResolve({ browser: true })],
      onwarn: ({ message }: { message: string }) => {
        throw new Error(message);
      },
    });
    await bundle.write({ dir: outdir, format: "es" });
  },
  Parcel: async (outdir) => {
    // It looks at a package's exports where its user says so.
    const manifest = { private: true, "@parcel/resolver-default": { packageExports: true } };
    consumer.write("package.json", JSON.stringify(manifest));
    const cli = join(folderOfOthers(), "node_modules/parcel/lib/bin.js");
    runNode(consumer.folder, cli, "build", main, "--dist-dir", outdir, "--no-cache", "--no-source-maps");
  },
};

// The first of the others installs them all.
test.for(Object.keys(BUNDLERS))("%s", { timeout: 180_000 }, async (name, context) => {
  const folder = join(consumer.folder, `bundle-${name.replaceAll(" ", "-")}`);
  await (BUNDLERS[name] as (typeof BUNDLERS)[string])(folder);
  const pages = await browser.open(context);
  const path = pages.serve("/small.onnx", { body: smallModel() });
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    if (file.endsWith(".js"))
      pages.serve(`/${name}/${file}`.replaceAll(" ", "-"), {
        type: "text/javascript",
        body: readFileSync(join(folder, file)),
      });
  const run = async (_: PageModules, [module, path]: [string, string]): Promise<Found> => {
    const script = Object.assign(document.createElement("script"), { type: "module", src: module });
    await new Promise((loaded, failed) => {
      script.addEventListener("load", loaded);
      script.addEventListener("error", failed);
      document.head.append(script);
    });
    return (globalThis as unknown as Bundled).main(path);
  };
  check(
    await pages.run(run, [`/${name}/main.js`.replaceAll(" ", "-"), path], {
      isolated: true,
      policy: POLICY,
    }),
  );
});

test("Vite's development server, which moves what it finds in packages", async (context) => {
  const executablePath = findChromium();
  if (executablePath === undefined) return leaveOut(context, NO_CHROMIUM, "LANEWISE_REQUIRE_BROWSER");
  consumer.write("index.html", `<script type="module">import "./main.js";</script>`);
  consumer.write("public/small.onnx", smallModel());
  const server = await createServer({
    root: consumer.folder,
    configFile: false,
    logLevel: "error",
    server: {
      port: 0,
      host: "127.0.0.1",
      headers: {
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
      },
    },
  });
  await server.listen();
  const chrome = await chromium.launch({ executablePath });
  try {
    const page = await chrome.newPage();
    await page.goto(server.resolvedUrls?.local[0] as string);
    await page.waitForFunction(() => "main" in window);
    check(await page.evaluate(() => (globalThis as unknown as Bundled).main("/small.onnx")));
  } finally {
    await chrome.close();
    await server.close();
  }
});
