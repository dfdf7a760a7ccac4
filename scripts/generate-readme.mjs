// Writes the tables of where it is tried, and of supported operators, into README.md; with --check, fails where it is out of date.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadOps } from "./load-ops.mjs";
import { matrixTables } from "./matrix.mjs";
import { writeGenerated } from "./write-generated.mjs";

const readme = fileURLToPath(new URL("../README.md", import.meta.url));

/** The README's table: a row for each operator. */
export function operatorTable(ops) {
  const rows = ops.map((op) => {
    const name = op.domain ? `${op.domain}.${op.type}` : op.type;
    const kernels = op.kernels.join(", ");
    return `| ${name} | ${op.since.join(", ")} | ${kernels} | ${op.entry} |`;
  });
  const wasm = ops.filter((op) => op.kernels.length > 0).length;
  return [
    `${ops.length} operators, ${wasm} of them with wasm kernels for float32; the rest, and other dtypes, run by their definition in TypeScript.`,
    "",
    "In browsers the default entry carries the operators of vision networks; those marked `all` come with `lanewise/all` (about 40 KB more). In Node every entry has all. [docs/operators.md](docs/operators.md) adds the dtypes.",
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

/** The text with another between its marks of a name. */
const between = (text, name, inner) =>
  text.replace(
    new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*(<!-- /${name} -->)`),
    (_, begin, end) => `${begin}\n${inner}\n\n${end}`,
  );

export async function generateReadme({ check = false } = {}) {
  const old = readFileSync(readme, "utf8");
  const table = operatorTable((await loadOps()).ops);
  const text = between(between(old, "operators", table), "matrix", matrixTables());
  writeGenerated(readme, old, text, { check, command: "node scripts/generate-readme.mjs" });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await generateReadme({ check: process.argv.includes("--check") });
