// npm run bench: builds lanewise and measures it against its peers. See bench/README.md, or npm run bench -- --help.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { pinning, relaxedFlags } from "../bench/children.mjs";
import { compileProbe } from "../bench/kernels/probe.mjs";
import { SUITE } from "../bench/models.mjs";
import { bundleNetworks } from "../bench/networks.mjs";
import { profileText, sectionText, writeMarkdown } from "../bench/report.mjs";
import { contender, imagesPerSecond, ratio } from "../bench/results.mjs";
import { SECTIONS } from "../bench/sections.mjs";
import { buildDist } from "./build.mjs";

const USAGE = `npm run bench -- [options]: lanewise beside onnxruntime-web and onnxruntime-node, one thread, one core

  what:      (nothing) four models in Node; --node, --chromium, --threads N, --int8, --training, --startup,
             --kernels: these sections; --all: every section on the whole suite
  models:    --suite: all of bench/models.json; --models a,b: names from there or from the data folder, or ONNX files
  how long:  --quick: a look; --seconds N: how long each model's contenders take turns (default 8)
  out:       --json FILE, --markdown FILE, --profile (time by step), --from A.json,B.json (report, measure nothing)
  build:     --dist FOLDER: measure that build instead of building; --core N: the core to pin to (default 1)
`;

const { values: options } = parseArgs({
  options: {
    node: { type: "boolean" },
    chromium: { type: "boolean" },
    threads: { type: "string" },
    int8: { type: "boolean" },
    training: { type: "boolean" },
    startup: { type: "boolean" },
    kernels: { type: "boolean" },
    all: { type: "boolean" },
    suite: { type: "boolean" },
    models: { type: "string" },
    quick: { type: "boolean" },
    seconds: { type: "string" },
    json: { type: "string" },
    markdown: { type: "string" },
    profile: { type: "boolean" },
    from: { type: "string" },
    dist: { type: "string" },
    core: { type: "string", default: "1" },
    help: { type: "boolean" },
  },
});

const FILE_OPTIONS = ["--json", "--markdown", "--dist"];

const root = fileURLToPath(new URL("..", import.meta.url));
const results = options.help
  ? undefined
  : options.from
    ? readResults(options.from.split(","))
    : await measureAll();
if (results === undefined) console.log(USAGE);
else {
  if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 1)}\n`);
  if (options.markdown) writeMarkdown(options.markdown, results);
}

/** What earlier runs wrote, put together; of two rows of the same section and model, the later wins. */
function readResults(files) {
  const all = files.map((file) => JSON.parse(readFileSync(file, "utf8")));
  const merged = { ...all.at(-1), versions: Object.assign({}, ...all.map(({ versions }) => versions)) };
  merged.sections = {};
  for (const name of Object.keys(SECTIONS)) {
    const parts = all.map(({ sections }) => sections[name]).filter((section) => section !== undefined);
    if (parts.length === 0) continue;
    const rows = new Map(
      parts.flatMap((section) => section.rows.map((row) => [row.model ?? row.build, row])),
    );
    const command = [...new Set(parts.map((section) => section.command))].join("`, `");
    merged.sections[name] = { ...parts.at(-1), command, rows: [...rows.values()] };
    console.log(`${sectionText(name, merged.sections[name])}\n`);
  }
  return merged;
}

async function measureAll() {
  const chosen = Object.keys(SECTIONS).filter((name) => options.all || options[name] !== undefined);
  const names =
    options.models?.split(",") ??
    SUITE.filter((model) => options.suite || options.all || model.default).map(({ name }) => name);
  const setting = await prepare();
  const sections = {};
  const versions = {
    lanewise: ownVersion(),
    node: process.versions.node,
    v8: process.versions.v8,
    ...packageVersions(),
  };
  for (const name of chosen.length === 0 ? ["node"] : chosen) {
    const before = loadavg()[0].toFixed(1);
    const date = new Date().toISOString().slice(0, 10);
    const rows = SECTIONS[name](names, setting, printRow);
    const load = [before, loadavg()[0].toFixed(1)];
    sections[name] = { lanewise: ownVersion(), date, command: commandOf(process.argv.slice(2)), load, rows };
    const chromium = rows.find((row) => row.chromium)?.chromium;
    if (chromium) versions.chromium = chromium;
    console.log(`\n${sectionText(name, sections[name])}\n`);
    if (options.profile) console.log(profileText(sections[name]));
  }
  return {
    machine: `${cpus()[0].model}, ${cpus().length} cores, ${process.platform} ${process.arch}`,
    versions,
    sections,
  };
}

/** How to measure the same again: without the files of this machine. */
function commandOf(args) {
  const kept = args.filter(
    (arg, i) =>
      !FILE_OPTIONS.some((name) => arg.startsWith(`${name}=`) || arg === name || args[i - 1] === name),
  );
  return kept.length === 0 ? "npm run bench" : `npm run bench -- ${kept.join(" ")}`;
}

/** Builds, keeps a copy of the build that nothing overwrites, and compiles the probes. */
async function prepare() {
  const folder = join(root, "build/bench");
  mkdirSync(folder, { recursive: true });
  let dist = options.dist && resolve(options.dist);
  if (dist === undefined) {
    await buildDist({ types: false });
    dist = join(folder, `dist-${process.pid}`);
    cpSync(join(root, "dist"), dist, { recursive: true });
    process.on("exit", () => rmSync(dist, { recursive: true, force: true }));
  }
  const probes = {};
  for (const build of ["relaxed", "plain"]) {
    probes[build] = join(folder, `probe.${build}.wasm`);
    writeFileSync(probes[build], await compileProbe(build));
  }
  const networks = join(folder, "models");
  await bundleNetworks(networks, dist);
  const pin = pinning(options.core);
  if (pin.length === 0) console.log("taskset is not here: the runs are not pinned to a core");
  const { simdSupport } = await import(pathToFileURL(join(dist, "index.js")).href);
  const flags = relaxedFlags(simdSupport());
  const duration = options.quick
    ? { warmSeconds: 0.5, seconds: 2, rounds: 5, startupRounds: 3 }
    : { warmSeconds: 1.5, seconds: 8, rounds: 10, startupRounds: 5 };
  if (options.seconds) duration.seconds = Number(options.seconds);
  return {
    dist,
    networks,
    probes,
    pin,
    flags,
    profile: options.profile,
    threads: Number(options.threads ?? 2),
    ...duration,
  };
}

/** The package's version, and the commit where it is known. */
function ownVersion() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (options.dist) return version;
  const { status, stdout } = spawnSync("git", ["describe", "--always", "--dirty"], {
    cwd: root,
    encoding: "utf8",
  });
  return status === 0 ? `${version} (${stdout.trim()})` : version;
}

function packageVersions() {
  const names = ["onnxruntime-web", "onnxruntime-node", "@tensorflow/tfjs-backend-wasm", "convnetjs"];
  return Object.fromEntries(
    names.map((name) => [
      name,
      JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version,
    ]),
  );
}

/** A line as soon as it is known; the tables come at the end of a section. */
function printRow(row) {
  const of = row.model ?? row.build;
  if (row.error) return console.log(`${of}: left out, ${row.error}`);
  const [own, peer] = [contender(row, "lanewise", "relaxed"), contender(row, "onnxruntime-web")];
  const rate = imagesPerSecond(row, own);
  if (rate) return console.log(`${of}: ${own.median_ms.toFixed(2)} ms, ${rate.toFixed(0)} images/s`);
  if (!own || !peer) return console.log(`${of}: measured`);
  const [relaxed, plain] = ["relaxed", "plain"].map((simd) => ratio(row, simd)?.toFixed(2));
  console.log(
    `${of}: ${own.median_ms.toFixed(2)} ms, onnxruntime-web ${peer.median_ms.toFixed(2)} ms: ${relaxed}× (plain ${plain}×)`,
  );
}
