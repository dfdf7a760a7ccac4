// Writes models/sobel.onnx: built by lanewise's graph builder, encoded by its ONNX encoder.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lanewise-"));
try {
  const outfile = join(folder, "sobel-graph.mjs");
  await build({
    entryPoints: [join(root, "scripts/sobel-graph.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  const { sobelModel } = await import(pathToFileURL(outfile).href);
  const bytes = sobelModel();
  writeFileSync(join(root, "models/sobel.onnx"), bytes);
  console.log(`models/sobel.onnx: ${bytes.length} bytes`);
} finally {
  rmSync(folder, { recursive: true });
}
