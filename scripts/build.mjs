// Builds dist/: kernels, bundles for Node and browsers, the command line, types; writes anew all that is generated. Prints what a browser downloads.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { BUILDS, buildKernels } from "./build-kernels.mjs";
import { buildProtoHalves } from "./build-proto-halves.mjs";
import { emitTypes } from "./emit-types.mjs";
import { generateKernelContract } from "./generate-kernel-contract.mjs";
import { generateOperators } from "./generate-operators.mjs";
import { generateReadme } from "./generate-readme.mjs";
import { generateTables } from "./generate-tables.mjs";
import { reportSizes } from "./size.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (...parts) => join(root, ...parts);

/**
 * What all bundles have in common. Modules that stand for one another have a `#name` in package.json's imports; `browser`
 * is where the bundle runs.
 */
const common = (platform) => ({
  platform,
  conditions: ["module"],
  bundle: true,
  // What several entries use is a file that they share: nobody downloads it twice, and there is one of each class.
  splitting: true,
  chunkNames: "chunk-[hash]",
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
  index: platform === "node" ? "src/node.ts" : "src/index.ts",
  ...(platform === "browser" && { all: "src/all.ts" }),
  vision: "src/vision/index.ts",
  nn: "src/nn/index.ts",
  train: "src/train/index.ts",
  threads: "src/threads.ts",
  external: "src/external.ts",
});

const { version } = JSON.parse(readFileSync(at("package.json"), "utf8"));

/** A build with a section that says of which version it is, and which: `lanewise/external` reads it. */
function named(bytes, name) {
  const counted = (text) => [text.length, ...Buffer.from(text)];
  const section = [...counted("lanewise"), ...Buffer.from(`${version} ${name}`)];
  return Buffer.concat([bytes, Uint8Array.of(0, section.length, ...section)]);
}

export async function buildDist({ types = true } = {}) {
  await buildKernels();
  buildProtoHalves();
  generateKernelContract();
  await generateTables();
  await generateReadme();
  await generateOperators();
  rmSync(at("dist"), { recursive: true, force: true });
  await build({ ...common("node"), entryPoints: entryPoints("node"), outdir: "dist" });
  await build({
    ...common("node"),
    entryPoints: { cli: "src/cli/main.ts" },
    outdir: "dist",
    // Beside the others: threads look for their worker there.
    chunkNames: "cli-[hash]",
    banner: {
      js: `#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);`,
    },
  });
  const browser = {
    ...common("browser"),
    outdir: "dist/browser",
    minify: true,
    loader: { ...common("browser").loader, ".txt": "text" },
  };
  // The packed kernels are a file of their own, and the first that a bundle takes in: beside code, gzip packs them worse.
  const { metafile } = await build({
    ...browser,
    entryPoints: { kernels: "build/kernels.packed.txt", ...entryPoints("browser") },
    metafile: true,
  });
  rmSync(at("dist/browser/kernels.js"));
  // A worker is one file, which it is started from.
  for (const [platform, options] of [
    ["node", { ...common("node"), outdir: "dist" }],
    ["browser", browser],
  ])
    await build({
      ...options,
      splitting: false,
      entryPoints: { worker: `src/platform/${platform}-worker.ts` },
    });
  writeFileSync(at("build/browser.meta.json"), JSON.stringify(metafile));
  mkdirSync(at("dist/kernels"), { recursive: true });
  for (const name of BUILDS)
    writeFileSync(
      at(`dist/kernels/${name}.wasm`),
      named(readFileSync(at(`build/kernels.${name}.wasm`)), name),
    );
  if (types) emitTypes();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildDist({ types: !process.argv.includes("--no-types") });
  await reportSizes();
}
