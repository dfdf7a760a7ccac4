// What lanewise costs who downloads it: bundles of the built package as a page's bundler makes them.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * What is measured: a name of an entry, or all of them, and the most that a bundle of it may cost, compressed, with all
 * kernels that it needs. Entries as a whole may grow by 3 % before somebody has to say why.
 */
export const BUDGETS = [
  { name: "InferenceSession", entry: "lanewise", budgetBytes: 115_000 },
  { name: "LanewiseError", entry: "lanewise", budgetBytes: 5_000 },
  { name: "topK", entry: "lanewise/vision", budgetBytes: 5_000 },
  { name: "*", entry: "lanewise", budgetBytes: 118_500 },
  { name: "*", entry: "lanewise/all", budgetBytes: 159_200 },
  { name: "*", entry: "lanewise/vision", budgetBytes: 8_700 },
  { name: "*", entry: "lanewise/nn", budgetBytes: 106_500 },
  { name: "*", entry: "lanewise/train", budgetBytes: 214_000 },
  { name: "*", entry: "lanewise/threads", budgetBytes: 3_300 },
  { name: "*", entry: "lanewise/external", budgetBytes: 92_800 },
  { name: "*", entry: "lanewise/worker", budgetBytes: 169_000 },
  { name: "*", entry: "lanewise/ort", budgetBytes: 171_900 },
];

/**
 * The most that the package's archive may take: what an installation downloads. Scripts of workers are in it as files and
 * as text in the bundles.
 */
export const ARCHIVE_BUDGET_BYTES = 2_325_000;

/** The bytes of esbuild's minified bundle of a name from an entry, or "*", in ASCII as by default, compressed. */
export async function bundleSize(name, entry, folder = root) {
  const names = name === "*" ? "*" : `{ ${name} }`;
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from ${JSON.stringify(entry)};`, resolveDir: folder },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    conditions: ["browser"],
    write: false,
    // In node_modules esbuild says nothing of imports for their order's sake.
    logOverride: { "ignored-bare-import": "silent" },
    logLevel: "warning",
  });
  return gzipSync(outputFiles[0].contents, { level: 6 }).length;
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

/** Prints the sizes; throws where one is over its budget. */
export async function reportSizes() {
  console.log("what a page downloads, gzip, kernels inside:");
  for (const { name, entry, budgetBytes } of BUDGETS) {
    const bytes = await bundleSize(name, entry);
    const what = `${name === "*" ? "all" : name} of ${entry}`;
    console.log(`  ${what}: ${kilobytes(bytes)} of ${kilobytes(budgetBytes)} allowed`);
    if (bytes > budgetBytes) throw new Error(`a bundle of ${what} is over its budget: scripts/size.mjs`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await reportSizes();
