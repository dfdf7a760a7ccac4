// The op table as the scripts that write about it see it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { generateTables } from "./generate-tables.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const MODULES = [
  'export { OPS } from "./src/ops/index.ts";',
  'export { EXTRA_OPS } from "./src/ops/extra/index.ts";',
  'export { defaultAttributes } from "./src/ops/attributes.ts";',
  'export { inferNode } from "./src/ops/infer.ts";',
  'export { DTYPES } from "./src/dtype.ts";',
];

/** Every operator that models may name, sorted by domain and name; `entry` is where browsers find it. */
export async function loadOps() {
  generateTables();
  const folder = mkdtempSync(join(tmpdir(), "lanewise-ops-"));
  const outfile = join(folder, "ops.mjs");
  await build({
    stdin: { contents: MODULES.join("\n"), resolveDir: root },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    outfile,
    logLevel: "warning",
  });
  const { OPS, EXTRA_OPS, ...rest } = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  const ops = [
    ...OPS.map((op) => ({ ...op, entry: "" })),
    ...EXTRA_OPS.map((op) => ({ ...op, entry: "all" })),
  ]
    .filter((op) => op.domain !== "lanewise")
    .sort((a, b) => (a.domain ?? "").localeCompare(b.domain ?? "") || a.type.localeCompare(b.type));
  return { ops, ...rest };
}
