// Runs one job in this process; job and result are JSON: node bench/node-child.mjs JOB, result on file descriptor 3.
import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { startProbe } from "./kernels/probe.mjs";
import { measure } from "./measure.mjs";

const job = JSON.parse(process.argv[2]);
const runtimes = new Set(job.contenders.map(({ runtime }) => runtime));
const modules = {};
if (runtimes.has("lanewise")) modules.lanewise = await import(pathToFileURL(`${job.dist}/index.js`).href);
if (runtimes.has("onnxruntime-web")) {
  const module = await import("onnxruntime-web");
  module.env.wasm.numThreads = 1;
  module.env.logLevel = "error";
  modules["onnxruntime-web"] = module;
}
if (runtimes.has("onnxruntime-node")) {
  const { default: module } = await import("onnxruntime-node");
  module.env.logLevel = "error";
  modules["onnxruntime-node"] = module;
}
const probes = {};
for (const [build, path] of Object.entries(job.probes)) probes[build] = await startProbe(readFileSync(path));

writeSync(3, JSON.stringify(await measure(job, { modules, load: (path) => readFileSync(path), probes })));
// onnxruntime-node's threads and lanewise's workers need not be waited for.
process.exit(0);
