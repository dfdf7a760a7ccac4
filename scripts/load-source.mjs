// Modules of src, bundled for a script to import.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

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
    outfile,
    logLevel: "warning",
  });
  const module = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return module;
}
