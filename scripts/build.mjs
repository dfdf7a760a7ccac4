// Builds dist/: kernels, bundles for Node and browsers, the command line, types, the notices of what is bundled; writes anew all that is generated. Prints what a browser downloads.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import { BUILDS, buildKernels } from "./build-kernels.mjs";
import { buildProtoHalves } from "./build-proto-halves.mjs";
import { buildWorkers } from "./build-workers.mjs";
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
  external: [`./${SESSION_SCRIPT}`],
  // protobufjs asks for optional packages through eval; nothing here needs them.
  alias: { "@protobufjs/inquire": at("src/platform/inquire.cjs") },
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
});

/**
 * The script of lanewise/worker for Node, compressed, in a module. It is as large as a bundle, so that all of them share the
 * file; they are of both kinds, so it is CommonJS.
 */
const SESSION_SCRIPT = "dist/session-script.cjs";

function writeSessionScript() {
  const packed = brotliCompressSync(readFileSync(at("build/node-session-worker.txt"))).toString("base64");
  writeFileSync(at(SESSION_SCRIPT), `module.exports = "${packed}";\n`);
}

const entryPoints = (platform) => ({
  index: platform === "node" ? "src/node.ts" : "src/index.ts",
  ...(platform === "browser"
    ? { all: "src/all.ts" }
    : { "session-worker": "src/worker/node-session-worker.ts", "ort-register": "src/ort/register.ts" }),
  vision: "src/vision/index.ts",
  nn: "src/nn/index.ts",
  train: "src/train/index.ts",
  threads: "src/threads.ts",
  external: "src/external.ts",
  worker: "src/worker/index.ts",
  ort: "src/ort/index.ts",
  inspect: "src/inspect/index.ts",
  models: "models/index.ts",
});

const { version } = JSON.parse(readFileSync(at("package.json"), "utf8"));

/** A build with a section that says of which version it is, and which: `lanewise/external` reads it. */
function named(bytes, name) {
  const counted = (text) => [text.length, ...Buffer.from(text)];
  const section = [...counted("lanewise"), ...Buffer.from(`${version} ${name}`)];
  return Buffer.concat([bytes, Uint8Array.of(0, section.length, ...section)]);
}

/** What `require` finds: Node's entries in one file, for CommonJS has no chunks, and one for each that hands out its part. */
async function buildCommonJs() {
  const { "session-worker": _, "ort-register": register, ...rest } = entryPoints("node");
  const entries = Object.entries(rest);
  const commonJs = {
    ...common("node"),
    format: "cjs",
    splitting: false,
    define: { "import.meta.url": "__url" },
    banner: { js: 'const __url = require("node:url").pathToFileURL(__filename).href;' },
  };
  // What it does, nobody shall have done who requires another entry.
  await build({ ...commonJs, entryPoints: [register], outfile: "dist/ort-register.cjs" });
  const result = await build({
    ...commonJs,
    stdin: {
      contents: entries.map(([name, path]) => `export * as ${name} from "./${path}";`).join("\n"),
      resolveDir: root,
    },
    outfile: "dist/commonjs.cjs",
  });
  for (const [name] of entries) writeFileSync(at(`dist/${name}.cjs`), handingOut(name));
  return result;
}

/** A CommonJS module of an entry's part; a default export stands there in so many words, for who reads it and runs nothing. */
const handingOut = (name) =>
  name === "ort"
    ? `Object.defineProperty(exports, "__esModule", { value: true });
const { default: all, ...names } = require("./commonjs.cjs").ort;
Object.assign(exports, names);
exports.default = all;
`
    : `module.exports = Object.defineProperty(require("./commonjs.cjs").${name}, "__esModule", { value: true });\n`;

export async function buildDist({ types = true } = {}) {
  await buildKernels();
  buildProtoHalves();
  generateKernelContract();
  await generateTables();
  await generateReadme();
  await generateOperators();
  await buildWorkers();
  rmSync(at("dist"), { recursive: true, force: true });
  mkdirSync(at("dist"));
  writeSessionScript();
  const node = await build({ ...common("node"), entryPoints: entryPoints("node"), outdir: "dist" });
  const commonJs = await buildCommonJs();
  const cli = await build({
    ...common("node"),
    entryPoints: { cli: "src/cli/main.ts", "batch-worker": "src/cli/batch/worker-thread.ts" },
    outdir: "dist",
    // Beside the others: threads look for their worker there.
    chunkNames: "cli-[hash]",
    // It repeats what the entries have, and nobody reads it there; names stay, for traces.
    minifyWhitespace: true,
    minifySyntax: true,
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
  // (esbuild orders shared files by which entries share them: those that `external`, the eighth, shares come behind.)
  const pages = await build({
    ...browser,
    entryPoints: { kernels: "build/kernels.packed.txt", ...entryPoints("browser") },
  });
  rmSync(at("dist/browser/kernels.js"));
  // A worker is one file, where it is started from a file: served by itself, it finds no others.
  const alone = (options, entryPoints) => build({ ...options, splitting: false, entryPoints });
  const workers = [
    await alone({ ...common("node"), outdir: "dist" }, { "thread-worker": "src/platform/node-worker.ts" }),
    await alone(browser, {
      "thread-worker": "src/platform/browser-worker.ts",
      "session-worker": "src/worker/browser-session-worker.ts",
    }),
  ];
  const bundles = [node, commonJs, cli, pages, ...workers].map(({ metafile }) => metafile);
  writeFileSync(at("build/browser.meta.json"), JSON.stringify(pages.metafile));
  writeFileSync(at("build/all.meta.json"), JSON.stringify(bundles));
  writeFileSync(at("dist/THIRD-PARTY-NOTICES.txt"), thirdPartyNotices(bundles));
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
