// Cold starts and memory of examples/serverless, and of the same picture under onnxruntime-web and -node:
// node bench/serverless.mjs EXAMPLE PICTURE [RUNTIME=PROGRAM…], where EXAMPLE is the example's folder with its packages, model
// and builds in it, and a RUNTIME is node, deno, bun or workerd. Each number is the median of processes that take turns.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { pinning } from "./children.mjs";
import { median } from "./statistics.mjs";

const ROUNDS = 11;
const PORT = 8097;

const [example, picture] = process.argv.slice(2, 4).map((path) => resolve(path));
const runtimes = process.argv.slice(4).map((text) => text.split("="));
const pin = pinning("0");
const body = readFileSync(picture);

const ENGINES = ["none", "lanewise", "onnxruntime-web", "onnxruntime-node"];

function answerOf(node, engine) {
  const vision = pathToFileURL(join(example, "node_modules/lanewise/dist/vision.js")).href;
  const child = fileURLToPath(new URL("serverless-child.mjs", import.meta.url));
  const start = performance.now();
  const [command, ...args] = [...pin, node, child, engine, vision, join(example, "model.onnx"), picture];
  const { status, stderr, output } = spawnSync(command, args, {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${engine}: ${stderr}`);
  return { all: performance.now() - start, ...JSON.parse(output[3]) };
}

const SERVE = {
  node: ["node.js"],
  deno: ["run", "--cached-only", "--allow-net", "--allow-read", "--allow-env", "deno.js"],
  bun: ["bun.js"],
  workerd: ["serve", "workerd.capnp", `--socket-addr=http=127.0.0.1:${PORT}`],
};

/** The same servers without lanewise and its model: what the runtime takes by itself. */
const EMPTY = {
  "app.js": `import { Hono } from "hono";
    export const createApp = () => new Hono().post("/", async (c) => c.json((await c.req.arrayBuffer()).byteLength));`,
  "files.js": "export const files = {};",
};

function emptyExample() {
  const folder = join(example, "empty");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, text] of Object.entries(EMPTY)) writeFileSync(join(folder, name), text);
  for (const name of ["node.js", "deno.js", "bun.js"])
    writeFileSync(join(folder, name), readFileSync(join(example, name)));
  const worker = `export default { fetch: async (request) => Response.json((await request.arrayBuffer()).byteLength) };`;
  writeFileSync(join(folder, "worker.js"), worker);
  const config = readFileSync(join(example, "workerd.capnp"), "utf8");
  writeFileSync(
    join(folder, "workerd.capnp"),
    config.replace("build/worker.js", "worker.js").replace(/^.*(wasm|data) = embed.*\n/gm, ""),
  );
  return folder;
}

/** From the start of a server to its answer to the first picture, and to ten more; the peak of its memory. */
async function servedOf(folder, runtime, program) {
  const start = performance.now();
  const [command, ...args] = [...pin, program, ...SERVE[runtime]];
  const env = { ...process.env, PORT: String(PORT) };
  const child = spawn(command, args, { cwd: folder, env, stdio: "ignore" });
  const post = () => fetch(`http://127.0.0.1:${PORT}/`, { method: "POST", body });
  try {
    let response;
    while (response === undefined) {
      if (child.exitCode !== null) throw new Error(`${runtime} ended with ${child.exitCode}`);
      response = await post().catch(() => new Promise((done) => setTimeout(done, 2)));
    }
    const answer = await response.text();
    if (response.status !== 200) throw new Error(`${runtime}: ${answer}`);
    const first = performance.now() - start;
    const warm = [];
    for (let i = 0; i < 10; i++) {
      const from = performance.now();
      await (await post()).arrayBuffer();
      warm.push(performance.now() - from);
    }
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    const peakBytes = Number(status.match(/VmHWM:\s+(\d+)/)[1]) * 1024;
    return { first, warm: median(warm), peakBytes };
  } finally {
    const ended = new Promise((done) => child.once("exit", done));
    if (child.exitCode === null && child.kill("SIGKILL")) await ended;
  }
}

const ms = (value) => value.toFixed(0);
const megabytes = (bytes) => (bytes / 1e6).toFixed(0);
const of = (samples, key) => median(samples.map((sample) => sample[key]));

const [, node = process.execPath] = runtimes.find(([name]) => name === "node") ?? [];
const engines = Object.fromEntries(ENGINES.map((engine) => [engine, []]));
for (let round = 0; round < ROUNDS; round++)
  for (const engine of ENGINES) engines[engine].push(answerOf(node, engine));
console.log(
  "| engine | process to answer, ms | load | create | first run | peak MB |\n|---|---|---|---|---|---|",
);
for (const [engine, samples] of Object.entries(engines)) {
  const [all, load, create, run] = ["all", "load", "create", "run"].map((key) => ms(of(samples, key)));
  console.log(
    `| ${engine} (class ${samples[0].best}) | ${all} | ${load} | ${create} | ${run} | ${megabytes(of(samples, "peakBytes"))} |`,
  );
}

const folders = { app: example, empty: emptyExample() };
const served = runtimes.map(([runtime, program]) => ({ runtime, program, app: [], empty: [] }));
for (let round = 0; round < ROUNDS; round++)
  for (const { runtime, program, ...samples } of served)
    for (const [what, folder] of Object.entries(folders))
      samples[what].push(await servedOf(folder, runtime, program));
console.log(
  "\n| runtime | start to first answer, ms | without lanewise | a picture, warm | peak MB | without lanewise |\n|---|---|---|---|---|---|",
);
for (const { runtime, app, empty } of served) {
  const peaks = [of(app, "peakBytes"), of(empty, "peakBytes")].map(megabytes);
  console.log(
    `| ${runtime} | ${ms(of(app, "first"))} | ${ms(of(empty, "first"))} | ${ms(of(app, "warm"))} | ${peaks[0]} | ${peaks[1]} |`,
  );
}
rmSync(folders.empty, { recursive: true });
