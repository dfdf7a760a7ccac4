// Modules of src, bundled for a script to import.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Scripts look at the host alone: the kernels, which may not have been built, are left out. */
const withoutKernels = {
  name: "without kernels",
  setup(builder) {
    builder.onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path, namespace: "without-kernels" }));
    builder.onLoad({ filter: /.*/, namespace: "without-kernels" }, () => ({
      contents: "export default undefined;",
    }));
  },
};

/** What lines of exports, with paths from the project's root, give. */
export async function loadSource(exports) {
  const folder = mkdtempSync(join(tmpdir(), "lanewise-source-"));
  const outfile = join(folder, "source.mjs");
  await build({
    stdin: { contents: exports.join("\n"), resolveDir: root },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    // protobufjs and its kin are CommonJS.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    alias: { "@protobufjs/inquire": join(root, "src/platform/inquire.cjs") },
    plugins: [withoutKernels],
    outfile,
    logLevel: "warning",
  });
  const module = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return module;
}
