// Writes the table of supported operators into README.md; with --check, fails where it is out of date.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { generateOps } from "./generate-ops.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = join(root, "README.md");

async function loadOps() {
  generateOps();
  const folder = mkdtempSync(join(tmpdir(), "lanewise-ops-"));
  const outfile = join(folder, "ops.mjs");
  await build({
    stdin: {
      contents:
        'export { OPS } from "./src/ops/index.ts"; export { EXTRA_OPS } from "./src/ops/extra/index.ts";',
      resolveDir: root,
    },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    outfile,
    logLevel: "warning",
  });
  const { OPS, EXTRA_OPS } = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return [
    ...OPS.map((op) => ({ ...op, entry: "" })),
    ...EXTRA_OPS.map((op) => ({ ...op, entry: "all" })),
  ].filter((op) => op.domain !== "lanewise");
}

/** The README's table: a row for each operator. */
export function operatorTable(ops) {
  const rows = ops
    .toSorted((a, b) => (a.domain ?? "").localeCompare(b.domain ?? "") || a.type.localeCompare(b.type))
    .map((op) => {
      const name = op.domain ? `${op.domain}.${op.type}` : op.type;
      const kernels = (op.lower ?? []).map((entry) => entry.name).join(", ");
      return `| ${name} | ${op.since.join(", ")} | ${kernels} | ${op.entry} |`;
    });
  const wasm = ops.filter((op) => op.lower?.length > 0).length;
  return [
    `${ops.length} operators, ${wasm} of them with wasm kernels for float32; the rest, and other dtypes, run by their definition in TypeScript.`,
    "",
    "In browsers the default entry carries the operators of vision networks; those marked `all` come with `lanewise/all` (about 30 KB more). In Node every entry has all.",
    "",
    "<details><summary>All of them, with the opsets that introduced or changed each, and how it is lowered</summary>",
    "",
    "| operator | opsets | wasm lowerings, in order of choice | in browsers: entry |",
    "|---|---|---|---|",
    ...rows,
    "",
    "</details>",
  ].join("\n");
}

export async function generateReadme({ check = false } = {}) {
  const old = readFileSync(readme, "utf8");
  const table = operatorTable(await loadOps());
  const text = old.replace(/(<!-- operators -->\n)[\s\S]*(<!-- \/operators -->)/, `$1\n${table}\n\n$2`);
  if (text === old) return;
  if (check)
    throw new Error("README.md's operator table is out of date: run node scripts/generate-readme.mjs");
  writeFileSync(readme, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await generateReadme({ check: process.argv.includes("--check") });
