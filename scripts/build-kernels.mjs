// Compiles assembly/ to build/*.wasm and packs what browsers download, only where a source is newer than the output.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { generateKernelIndex } from "./generate-kernel-index.mjs";
import { pack } from "./pack.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const newest = (path) => {
  const stat = statSync(path);
  return stat.isDirectory()
    ? Math.max(...readdirSync(path).map((name) => newest(join(path, name))))
    : stat.mtimeMs;
};

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The four builds of the main module: two instruction sets, with a memory of their own or a shared one. */
export const BUILDS = ["plain", "relaxed", "plain-threads", "relaxed-threads"];

/** The modules beside the main one, on its memory, in both instruction sets. */
export const EXTRA_BUILDS = ["extra-plain", "extra-relaxed"];
export const TRAIN_BUILDS = ["train-plain", "train-relaxed"];

const KERNELS = [...BUILDS, ...EXTRA_BUILDS, ...TRAIN_BUILDS];

const UNPACK = "unpack";

/** What bundles for browsers hold: the relaxed and the plain build of a module, packed. */
const PACKED = [
  ["kernels.packed.txt", ["relaxed", "plain"]],
  ["kernels.extra.packed.txt", ["extra-relaxed", "extra-plain"]],
  ["kernels.train.packed.txt", ["train-relaxed", "train-plain"]],
];

const at = (name) => join(root, "build", name);
const outputOf = (target) => at(target === UNPACK ? "unpack.wasm" : `kernels.${target}.wasm`);
const entryOf = (target) => `assembly/${target.match(/^(extra|train|unpack)/)?.[0] ?? "index"}.ts`;

/** Builds the named targets of asconfig.json where they are out of date, or else all, with what is packed of them. */
export async function buildKernels(targets, { force = false } = {}) {
  mkdirSync(join(root, "build"), { recursive: true });
  generateKernelIndex();
  const sources = Math.max(newest(join(root, "assembly")), modified(join(root, "asconfig.json")));
  for (const target of targets ?? [...KERNELS, UNPACK]) {
    if (!force && modified(outputOf(target)) > sources) continue;
    const { error, stderr } = await asc.main(
      [entryOf(target), "--config", "asconfig.json", "--target", target],
      { baseDir: root },
    );
    if (error) throw new Error(`asc ${target}: ${error.message}\n${stderr.toString()}`);
  }
  if (targets === undefined) packKernels();
}

/** What `src/runtime/packed/` takes in. */
function packKernels() {
  const packer = modified(join(root, "scripts/pack.mjs"));
  for (const [name, builds] of PACKED) {
    if (modified(at(name)) > Math.max(packer, ...builds.map((build) => modified(outputOf(build))))) continue;
    const parts = builds.map((build) => readFileSync(outputOf(build)));
    const packed = Buffer.from(pack(Buffer.concat(parts))).toString("base64");
    writeFileSync(at(name), [...parts.map(({ length }) => length), packed].join(" "));
  }
  writeFileSync(at("unpack.txt"), readFileSync(outputOf(UNPACK)).toString("base64"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildKernels(process.argv.length > 2 ? process.argv.slice(2) : undefined, { force: true });
}
