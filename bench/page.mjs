// What a page does with a job: the page is of bench/serve.mjs.
import * as lanewise from "/lanewise/index.js";
import * as web from "/onnxruntime-web/ort.wasm.min.mjs";
import { startProbe } from "./kernels/probe.mjs";
import { measure } from "./measure.mjs";

/** Measures lanewise beside onnxruntime-web, on one thread. */
export async function measureInPage(job) {
  web.env.wasm.numThreads = 1;
  web.env.wasm.wasmPaths = `${location.origin}/onnxruntime-web/`;
  web.env.logLevel = "error";
  const load = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const probes = {};
  for (const build of Object.keys(job.probes))
    probes[build] = await startProbe(await load(`/probe-${build}`));
  return measure(job, { modules: { lanewise, "onnxruntime-web": web }, load, probes });
}
