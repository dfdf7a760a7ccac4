// What lanewise costs who downloads it: bundles of the built package as a page's bundler makes them.
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * What is measured: a name of an entry, or all of them, and the most that a bundle of it may cost, compressed, with all
 * kernels that it needs; where parts of it are downloaded only when they are asked for, `laterBytes` is the most that these
 * may cost besides. Entries as a whole may grow by 3 % before somebody has to say why.
 */
export const BUDGETS = [
  { name: "InferenceSession", entry: "lanewise", budgetBytes: 115_000 },
  { name: "LanewiseError", entry: "lanewise", budgetBytes: 5_000 },
  { name: "topK", entry: "lanewise/vision", budgetBytes: 5_000 },
  { name: "*", entry: "lanewise", budgetBytes: 118_500 },
  { name: "*", entry: "lanewise/all", budgetBytes: 159_200 },
  { name: "*", entry: "lanewise/vision", budgetBytes: 8_700 },
  { name: "*", entry: "lanewise/nn", budgetBytes: 110_500 },
  { name: "*", entry: "lanewise/train", budgetBytes: 220_000 },
  { name: "*", entry: "lanewise/threads", budgetBytes: 3_300 },
  { name: "*", entry: "lanewise/external", budgetBytes: 92_800 },
  { name: "*", entry: "lanewise/worker", budgetBytes: 169_000 },
  // Later: what threads need, and the script of a worker with all that runs sessions, for env.wasm.proxy.
  { name: "*", entry: "lanewise/ort", budgetBytes: 171_900, laterBytes: 169_000 },
  // Later: UMAP and t-SNE.
  { name: "*", entry: "lanewise/inspect", budgetBytes: 221_000, laterBytes: 33_000 },
  { name: "*", entry: "lanewise/models", budgetBytes: 133_000 },
];

/**
 * The most that the package's archive may take: what an installation downloads. Scripts of workers are in it as files and
 * as text in the bundles (165 KB for Node's sessions); what Node runs is in it three times (modules, CommonJS, the command line);
 * docs take 120 KB, without the course's pictures.
 */
export const ARCHIVE_BUDGET_BYTES = 3_000_000;

/**
 * The bytes of esbuild's minified bundle of a name from an entry, or "*", in ASCII as by default, compressed: what a page
 * downloads at first, and what it may later. A bundler that makes one file of all has both in it.
 */
export async function bundleSize(name, entry, folder = root) {
  const names = name === "*" ? "*" : `{ ${name} }`;
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export ${names} from ${JSON.stringify(entry)};`, resolveDir: folder },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    conditions: ["browser"],
    absWorkingDir: folder,
    outdir: "out",
    metafile: true,
    write: false,
    // In node_modules esbuild says nothing of imports for their order's sake.
    logOverride: { "ignored-bare-import": "silent" },
    logLevel: "warning",
  });
  const bytesOf = new Map(
    outputFiles.map(({ path, contents }) => [
      relative(folder, path).replaceAll("\\", "/"),
      gzipSync(contents, { level: 6 }).length,
    ]),
  );
  const first = new Set(["out/stdin.js"]);
  for (const file of first)
    for (const { path, kind } of metafile.outputs[file].imports)
      if (kind === "import-statement") first.add(path);
  const sum = (files) => files.reduce((bytes, file) => bytes + bytesOf.get(file), 0);
  return {
    firstBytes: sum([...first]),
    laterBytes: sum([...bytesOf.keys()].filter((file) => !first.has(file))),
  };
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

const ofAllowed = (bytes, budget) => `${kilobytes(bytes)} of ${kilobytes(budget)} allowed`;

/** Prints the sizes; throws where one is over its budget. */
export async function reportSizes() {
  console.log("what a page downloads, gzip, kernels inside:");
  for (const { name, entry, budgetBytes, laterBytes = 0 } of BUDGETS) {
    const sizes = await bundleSize(name, entry);
    const what = `${name === "*" ? "all" : name} of ${entry}`;
    const later = laterBytes > 0 ? `, and when asked ${ofAllowed(sizes.laterBytes, laterBytes)}` : "";
    console.log(`  ${what}: ${ofAllowed(sizes.firstBytes, budgetBytes)}${later}`);
    if (sizes.firstBytes > budgetBytes || sizes.laterBytes > laterBytes)
      throw new Error(`a bundle of ${what} is over its budget: scripts/size.mjs`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await reportSizes();
