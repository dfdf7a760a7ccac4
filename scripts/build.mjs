// Builds dist/: kernels, bundles for Node and browsers, the command line, types. Prints what a browser downloads.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { BUILDS, buildKernels } from "./build-kernels.mjs";
import { decodeOnlyPlugin } from "./decode-only.mjs";
import { kernelsPlugin } from "./embed-kernels.mjs";
import { emitTypes } from "./emit-types.mjs";
import { generateKernelContract } from "./generate-kernel-contract.mjs";
import { generateTables } from "./generate-tables.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (...parts) => join(root, ...parts);

/** The most a browser may have to download, minified and compressed, kernels included. */
const BROWSER_BUDGET_BYTES = 130_000;

/**
 * What all bundles have in common. Modules that stand for one another have a `#name` in package.json's imports: `browser`
 * is where the bundle runs, `core` leaves out operators beyond vision and narrow dtypes, `inference` all of training.
 */
const common = (platform, { all = platform === "node", train = platform === "node" } = {}) => ({
  // Node reads and scans a file of plain ASCII faster; in browsers, where bytes count, text holds the kernels.
  charset: platform === "node" ? "ascii" : "utf8",
  plugins: [
    ...(platform === "node" ? [] : [kernelsPlugin]),
    // Training exports models too.
    ...(platform === "node" || train ? [] : [decodeOnlyPlugin]),
  ],
  conditions: ["module", ...(all ? [] : ["core"]), ...(train ? [] : ["inference"])],
  bundle: true,
  format: "esm",
  target: "es2022",
  absWorkingDir: root,
  loader: { ".wasm": "binary" },
  // protobufjs asks for optional packages through eval; nothing here needs them.
  alias: { "@protobufjs/inquire": at("src/platform/inquire.cjs") },
  legalComments: "none",
  logLevel: "warning",
});

const entryPoints = (platform) => ({
  index: "src/index.ts",
  vision: "src/vision/index.ts",
  // What builds and trains networks needs every operator, in browsers too: there they are bundles of their own.
  ...(platform === "node" && { nn: "src/nn/index.ts", train: "src/train/index.ts" }),
  threads: "src/threads.ts",
  worker: `src/platform/${platform}-worker.ts`,
});

export async function buildDist({ types = true } = {}) {
  await buildKernels();
  generateKernelContract();
  await generateTables();
  mkdirSync(at("dist"), { recursive: true });
  for (const name of readdirSync(at("dist")).filter((file) => /^cli-\w+\.js$/.test(file)))
    rmSync(at("dist", name));
  await build({
    ...common("node"),
    platform: "node",
    entryPoints: entryPoints("node"),
    outdir: "dist",
  });
  await build({
    ...common("node"),
    platform: "node",
    entryPoints: { cli: "src/cli/main.ts" },
    outdir: "dist",
    // What only training needs is a file of its own. Beside the others: threads look for their worker there.
    splitting: true,
    chunkNames: "cli-[hash]",
    banner: {
      js: `#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);`,
    },
  });
  await build({
    ...common("browser"),
    platform: "browser",
    entryPoints: entryPoints("browser"),
    outdir: "dist/browser",
    minify: true,
  });
  await build({
    ...common("browser", { all: true }),
    platform: "browser",
    entryPoints: { all: "src/index.ts", nn: "src/nn/index.ts" },
    outdir: "dist/browser",
    minify: true,
  });
  await build({
    ...common("browser", { all: true, train: true }),
    platform: "browser",
    entryPoints: { train: "src/train/index.ts" },
    outdir: "dist/browser",
    minify: true,
  });
  mkdirSync(at("dist/kernels"), { recursive: true });
  for (const name of BUILDS) copyFileSync(at(`build/kernels.${name}.wasm`), at(`dist/kernels/${name}.wasm`));
  if (types) emitTypes();
  return reportSizes();
}

function reportSizes() {
  const bytes = gzipSync(readFileSync(at("dist/browser/index.js")), { level: 9 }).length;
  const kilobytes = (value) => `${(value / 1000).toFixed(1)} KB`;
  console.log(
    `browser download: ${kilobytes(bytes)} gzip of ${kilobytes(BROWSER_BUDGET_BYTES)} allowed (dist/browser/index.js, both kernel builds inside)`,
  );
  return bytes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = await buildDist({ types: !process.argv.includes("--no-types") });
  if (bytes > BROWSER_BUDGET_BYTES) throw new Error("the browser bundle is over its budget");
}
