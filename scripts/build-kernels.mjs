// Compiles assembly/ to build/kernels.{plain,relaxed}.wasm, only when a source is newer than the output.
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));

const newest = (path) => {
  const stat = statSync(path);
  return stat.isDirectory()
    ? Math.max(...readdirSync(path).map((name) => newest(join(path, name))))
    : stat.mtimeMs;
};

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The four builds of one source: two instruction sets, with a memory of their own or a shared one. */
export const BUILDS = ["plain", "relaxed", "plain-threads", "relaxed-threads"];

/** The same of the training kernels, a module that stands beside the main one on its memory. */
export const TRAIN_BUILDS = BUILDS.map((name) => `train-${name}`);

const entryOf = (target) => (target.startsWith("train-") ? "assembly/train.ts" : "assembly/index.ts");

/** Builds the named targets of asconfig.json where they are out of date. */
export async function buildKernels(targets = [...BUILDS, ...TRAIN_BUILDS], { force = false } = {}) {
  mkdirSync(join(root, "build"), { recursive: true });
  const sources = Math.max(newest(join(root, "assembly")), modified(join(root, "asconfig.json")));
  for (const target of targets) {
    if (!force && modified(join(root, `build/kernels.${target}.wasm`)) > sources) continue;
    const { error, stderr } = await asc.main(
      [entryOf(target), "--config", "asconfig.json", "--target", target],
      { baseDir: root },
    );
    if (error) throw new Error(`asc ${target}: ${error.message}\n${stderr.toString()}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildKernels(process.argv.length > 2 ? process.argv.slice(2) : undefined, { force: true });
}
