// Runs one job in a page of headless Chromium: node bench/chromium-child.mjs JOB, result on file descriptor 3.
import { writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { findChromium, NO_CHROMIUM } from "../scripts/chromium.mjs";
import { serve } from "./serve.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Runs in the page. */
async function runInPage(job) {
  const { measure } = await import("/bench/measure.mjs");
  const { startProbe } = await import("/bench/kernels/probe.mjs");
  const lanewise = await import("/lanewise/index.js");
  const web = await import("/onnxruntime-web/ort.wasm.min.mjs");
  web.env.wasm.numThreads = 1;
  web.env.wasm.wasmPaths = `${location.origin}/onnxruntime-web/`;
  web.env.logLevel = "error";
  const load = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const probes = {};
  for (const build of Object.keys(job.probes))
    probes[build] = await startProbe(await load(`/probe-${build}`));
  return measure(job, { modules: { lanewise, "onnxruntime-web": web }, load, probes });
}

const job = JSON.parse(process.argv[2]);
const executablePath = findChromium();
if (executablePath === undefined) throw new Error(NO_CHROMIUM);
const models = [...new Set(job.contenders.map(({ model }) => model))];
const { server, origin } = await serve({
  bench: at("."),
  lanewise: join(job.dist, "browser"),
  "onnxruntime-web": at("../node_modules/onnxruntime-web/dist"),
  ...Object.fromEntries(models.map((path, i) => [`model-${i}`, path])),
  ...Object.fromEntries(Object.entries(job.probes).map(([build, path]) => [`probe-${build}`, path])),
});
const browser = await chromium.launch({ executablePath, args: ["--disable-gpu", "--no-first-run"] });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(`${origin}/page.html`);
  const contenders = job.contenders.map((one) => ({ ...one, model: `/model-${models.indexOf(one.model)}` }));
  const result = await page.evaluate(runInPage, { ...job, contenders });
  writeSync(3, JSON.stringify({ ...result, chromium: browser.version() }));
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
