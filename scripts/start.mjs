// `npm start`: builds lanewise where needed, then finds the edges in a picture with the network in models/.
// `npm start -- MODEL --image FILE …` runs any model instead; everything behind `--` goes to `lanewise run`.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = join(root, "dist/cli.js");
// npm runs scripts in the package's folder; paths are meant from where npm was called.
const cwd =
  process.env.npm_lifecycle_event === "start" ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd();

/** When the newest file at or below a path was changed. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const built = statSync(cli, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sources = ["assembly", "src", "scripts", "asconfig.json", "package.json"].map((name) =>
  newest(join(root, name)),
);
if (Math.max(...sources) > built) {
  const { buildDist } = await import("./build.mjs");
  await buildDist({ types: false });
  console.log("");
}

const shown = (...parts) => relative(cwd, join(root, ...parts));
const args = process.argv.slice(2);
if (args.length === 0) {
  console.log(
    "Edges of a lighthouse: two fixed 3×3 convolutions (Sobel), √(Ix² + Iy²), built by lanewise itself.\n",
  );
  args.push(shown("models/sobel.onnx"), "--image", shown("models/lighthouse.png"), "--output", "edges.png");
}
const { status } = spawnSync(process.execPath, [cli, "run", ...args], {
  cwd: resolve(cwd),
  stdio: "inherit",
});
process.exit(status ?? 1);
