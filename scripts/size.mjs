// What lanewise costs who downloads it: bundles of the built package as a page's bundler makes them.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The most that `import { InferenceSession } from "lanewise"` may cost, compressed, with all kernels it needs. */
export const DOWNLOAD_BUDGET_BYTES = 115_000;

/** The most that a bundle may cost that takes a small part of an entry, compressed. */
export const PART_BUDGET_BYTES = 5_000;

/** The parts that are measured. */
export const PARTS = [
  ["LanewiseError", "lanewise"],
  ["topK", "lanewise/vision"],
];

/** The bytes of esbuild's minified bundle of a name from an entry, in ASCII as by default, compressed. */
export async function bundleSize(name, entry, folder = root) {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${name} } from ${JSON.stringify(entry)};`, resolveDir: folder },
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
  const gzipBytes = await bundleSize("InferenceSession", "lanewise");
  console.log(
    `browser download: ${kilobytes(gzipBytes)} gzip of ${kilobytes(DOWNLOAD_BUDGET_BYTES)} allowed (InferenceSession, kernels inside)`,
  );
  if (gzipBytes > DOWNLOAD_BUDGET_BYTES) throw new Error("the browser's download is over its budget");
  for (const [name, entry] of PARTS) {
    const gzipBytes = await bundleSize(name, entry);
    console.log(
      `${name} of ${entry} alone: ${kilobytes(gzipBytes)} gzip of ${kilobytes(PART_BUDGET_BYTES)} allowed`,
    );
    if (gzipBytes > PART_BUDGET_BYTES) throw new Error(`a bundle of ${name} is over its budget`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await reportSizes();
