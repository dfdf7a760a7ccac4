// The scripts that workers start from where they start from text: build/{browser,node}-worker.txt for the threads of a
// session, build/{browser,node}-session-worker.txt for the sessions of lanewise/worker.
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** In the order in which one takes in another. */
const SCRIPTS = [
  ["platform/browser-worker", "browser", "iife"],
  ["platform/node-worker", "node", "cjs"],
  ["worker/browser-session-worker", "browser", "iife"],
  ["worker/node-session-worker", "node", "cjs"],
];

export async function buildWorkers() {
  for (const [path, platform, format] of SCRIPTS)
    await build({
      absWorkingDir: root,
      entryPoints: [`src/${path}.ts`],
      outfile: `build/${basename(path)}.txt`,
      platform,
      conditions: ["module", "small"],
      bundle: true,
      minify: true,
      format,
      target: "es2022",
      loader: { ".wasm": "binary", ".txt": "text" },
      // A script that is started from text has no address but this.
      define: platform === "browser" ? { "import.meta.url": "location.href" } : {},
      alias: {
        "@protobufjs/inquire": fileURLToPath(new URL("../src/platform/inquire.cjs", import.meta.url)),
      },
      legalComments: "none",
      logLevel: "warning",
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWorkers();
