// Runs ONNX backend tests through the interpreter: node scripts/conformance.mjs [substring…]
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { generateOps } from "./generate-ops.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
generateOps();
mkdirSync(`${root}build`, { recursive: true });
const outfile = `${root}build/conformance-${process.pid}.mjs`;
await build({
  entryPoints: [`${root}scripts/conformance-run.ts`],
  bundle: true,
  platform: "node",
  format: "esm",
  outfile,
  logLevel: "warning",
  banner: {
    js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
  },
});
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: "inherit" });
(await import("node:fs")).rmSync(outfile);
process.exit(status ?? 1);
