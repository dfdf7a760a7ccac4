// Builds dist/: kernels, bundles for Node and browsers, the command line, types, the notices of what is bundled; writes anew all that is generated. Prints what a browser downloads.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
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
import { thirdPartyNotices } from "./third-party-notices.mjs";

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
  metafile: true,
});

const entryPoints = (platform) => ({
  index: platform === "node" ? "src/node.ts" : "src/index.ts",
  ...(platform === "browser" && { all: "src/all.ts" }),
  vision: "src/vision/index.ts",
  nn: "src/nn/index.ts",
  train: "src/train/index.ts",
  threads: "src/threads.ts",
});

/** What `require` finds: Node's entries in one file, for CommonJS has no chunks, and one for each that hands out its part. */
async function buildCommonJs() {
  const entries = Object.entries(entryPoints("node"));
  const result = await build({
    ...common("node"),
    stdin: {
      contents: entries.map(([name, path]) => `export * as ${name} from "./${path}";`).join("\n"),
      resolveDir: root,
    },
    format: "cjs",
    splitting: false,
    outfile: "dist/commonjs.cjs",
    define: { "import.meta.url": "__url" },
    banner: { js: 'const __url = require("node:url").pathToFileURL(__filename).href;' },
  });
  for (const [name] of entries)
    writeFileSync(
      at(`dist/${name}.cjs`),
      `module.exports = Object.defineProperty(require("./commonjs.cjs").${name}, "__esModule", { value: true });\n`,
    );
  return result;
}

export async function buildDist({ types = true } = {}) {
  await buildKernels();
  buildProtoHalves();
  generateKernelContract();
  await generateTables();
  await generateReadme();
  await generateOperators();
  rmSync(at("dist"), { recursive: true, force: true });
  const node = await build({ ...common("node"), entryPoints: entryPoints("node"), outdir: "dist" });
  const commonJs = await buildCommonJs();
  const cli = await build({
    ...common("node"),
    entryPoints: { cli: "src/cli/main.ts" },
    outdir: "dist",
    // Beside the others: threads look for their worker there.
    chunkNames: "cli-[hash]",
    banner: {
      js: `#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);`,
    },
  });
  const browser = { ...common("browser"), outdir: "dist/browser", minify: true };
  // The packed kernels are a file of their own, and the first that a bundle takes in: beside code, gzip packs them worse.
  const pages = await build({
    ...browser,
    entryPoints: { kernels: "src/runtime/packed/kernels.ts", ...entryPoints("browser") },
  });
  rmSync(at("dist/browser/kernels.js"));
  // A worker is one file, which it is started from.
  const workers = await Promise.all(
    [
      ["node", { ...common("node"), outdir: "dist" }],
      ["browser", browser],
    ].map(([platform, options]) =>
      build({
        ...options,
        splitting: false,
        entryPoints: { worker: `src/platform/${platform}-worker.ts` },
      }),
    ),
  );
  const bundles = [node, commonJs, cli, pages, ...workers].map(({ metafile }) => metafile);
  writeFileSync(at("build/browser.meta.json"), JSON.stringify(pages.metafile));
  writeFileSync(at("build/all.meta.json"), JSON.stringify(bundles));
  writeFileSync(at("dist/THIRD-PARTY-NOTICES.txt"), thirdPartyNotices(bundles));
  mkdirSync(at("dist/kernels"), { recursive: true });
  for (const name of BUILDS) copyFileSync(at(`build/kernels.${name}.wasm`), at(`dist/kernels/${name}.wasm`));
  if (types) emitTypes();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildDist({ types: !process.argv.includes("--no-types") });
  await reportSizes();
}
