// Attacks lanewise with broken models and checkpoints: npm run fuzz -- [--seed N] [--minutes M] [--target …] [--case …]
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { buildKernels } from "./build-kernels.mjs";
import { generateTables } from "./generate-tables.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const at = (...parts) => join(root, ...parts);
const outdir = at("build/fuzz");

/** Bundles the fuzzer; the paths of what runs cases and of the command. */
export async function bundleFuzzer() {
  await build({
    entryPoints: { child: at("tests/fuzz/child.ts"), main: at("tests/fuzz/main.ts") },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    external: ["onnxruntime-node"],
    // protobufjs and its kin are CommonJS.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    sourcemap: true,
    absWorkingDir: root,
    outdir,
    outExtension: { ".js": ".mjs" },
    loader: { ".wasm": "binary" },
    alias: {
      "@protobufjs/inquire": at("src/platform/inquire.cjs"),
    },
    logLevel: "warning",
  });
  return { child: join(outdir, "child.mjs"), main: join(outdir, "main.mjs") };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildKernels();
  await generateTables();
  const { child, main } = await bundleFuzzer();
  const command = await import(pathToFileURL(main).href);
  process.exitCode = await command.main(process.argv.slice(2), root, child);
}
