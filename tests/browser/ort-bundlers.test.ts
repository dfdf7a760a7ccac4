import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build as esbuild } from "esbuild";
import { build as viteBuild } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Consumer, consumerOfBuild, npm } from "../support/consumer.ts";
import { SMALL_MODEL_DIMS, smallModel } from "../support/small-model.ts";
import { CONTENT_SECURITY_POLICY, createPages } from "./harness.ts";

// A page for onnxruntime-web, which is not installed here, with the aliases of docs/onnxruntime.md.

const MAIN = `
import ort from "onnxruntime-web";
import { InferenceSession, Tensor } from "onnxruntime-web/wasm";

const scripts = () =>
  performance.getEntriesByType("resource").filter(({ name }) => new URL(name).pathname.includes("/aliased-")).length;

globalThis.main = async function main(address, dims) {
  const outputs = [];
  const downloaded = [scripts()];
  for (const proxy of [false, true]) {
    ort.env.wasm.proxy = proxy;
    const session = await InferenceSession.create(address, { executionProviders: ["wasm"] });
    const x = new Tensor("float32", new Float32Array(1440).fill(0.5), dims);
    outputs.push(String((await session.run({ x })).y.data));
    await session.release();
    downloaded.push(scripts());
  }
  return { outputs, downloaded, versions: Object.keys(ort.env.versions) };
}`;

interface Bundled {
  main(address: string, dims: readonly number[]): Promise<Found>;
}

interface Found {
  readonly outputs: readonly string[];
  /** Scripts, before any session, after one, and after one in a worker. */
  readonly downloaded: readonly number[];
  readonly versions: readonly string[];
}

let consumer: Consumer;
let main: string;
let others: string | undefined;
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

type Webpack = (
  config: object,
  done: (error: Error | null, stats?: { hasErrors(): boolean; hasWarnings(): boolean }) => void,
) => void;

/** The project has no other use for it. */
async function installedWebpack(): Promise<Webpack> {
  others = mkdtempSync(join(tmpdir(), "lanewise-webpack-"));
  npm(others, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "webpack@5");
  const path = createRequire(join(others, "index.js")).resolve("webpack");
  return ((await import(/* @vite-ignore */ pathToFileURL(path).href)) as { default: Webpack }).default;
}

const BUNDLERS: Readonly<Record<string, (outdir: string, base: string) => Promise<unknown>>> = {
  esbuild: (outdir) =>
    esbuild({
      ...{ entryPoints: [main], outdir, bundle: true, format: "esm", splitting: true, platform: "browser" },
      ...{ absWorkingDir: consumer.folder, logLevel: "error" },
      alias: { "onnxruntime-web": "lanewise/ort", "onnxruntime-web/wasm": "lanewise/ort" },
    }),
  vite: (outDir, base) =>
    viteBuild({
      ...{ root: consumer.folder, base, configFile: false, logLevel: "error" },
      resolve: { alias: [{ find: /^onnxruntime-web(\/.*)?$/, replacement: "lanewise/ort" }] },
      build: {
        outDir,
        rollupOptions: { input: main, output: { entryFileNames: "main.js" } },
      },
    }),
  webpack: async (path, publicPath) => {
    const webpack = await installedWebpack();
    const config = {
      ...{ mode: "production", entry: main, performance: false },
      output: { path, publicPath, filename: "main.js" },
      resolve: { alias: { "onnxruntime-web$": "lanewise/ort", "onnxruntime-web/wasm$": "lanewise/ort" } },
    };
    await new Promise<void>((done, fail) => {
      webpack(config, (error, stats) => {
        if (error || stats?.hasErrors() || stats?.hasWarnings()) fail(error ?? new Error(String(stats)));
        else done();
      });
    });
  },
};

test.for(Object.keys(BUNDLERS))("a page for onnxruntime-web, aliased: %s", async (name, context) => {
  const base = `/aliased-${name}/`;
  const folder = join(consumer.folder, `out-${name}`);
  await (BUNDLERS[name] as (typeof BUNDLERS)[string])(folder, base);
  const pages = await browser.open(context);
  const path = pages.serve("/small.onnx", { body: smallModel() });
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    if (file.endsWith(".js"))
      pages.serve(base + file, { type: "text/javascript", body: readFileSync(join(folder, file)) });
  const { outputs, downloaded, versions } = await pages.run(
    async (_, { src, path, dims }) => {
      const script = Object.assign(document.createElement("script"), { type: "module", src });
      await new Promise((loaded, failed) => {
        script.addEventListener("load", loaded);
        script.addEventListener("error", failed);
        document.head.append(script);
      });
      return (globalThis as unknown as Bundled).main(path, dims);
    },
    { src: `${base}main.js`, path, dims: SMALL_MODEL_DIMS },
    { policy: `${CONTENT_SECURITY_POLICY}; worker-src blob:` },
  );
  expect(versions).toEqual(["common", "lanewise"]);
  expect(outputs[1]).toBe(outputs[0]);
  expect(outputs[0]?.split(",")).toHaveLength(10);
  const [before, own, proxied] = downloaded as [number, number, number];
  expect(own).toBe(before);
  expect(proxied).toBeGreaterThan(own);
});
