// One program of onnxruntime's API in a page of headless Chromium, by what it is imported from: node bench/ort.mjs [MODEL...]
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { findChromium, NO_CHROMIUM } from "../scripts/chromium.mjs";
import { findModel } from "./models.mjs";
import { serve } from "./serve.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Runs in the page: milliseconds of `create`, and of runs in turns. */
async function measure({ model, rounds }) {
  const web = await import("/onnxruntime-web/ort.wasm.min.mjs");
  const own = await import("/lanewise/ort.js");
  const lanewise = await import("/lanewise/index.js");
  web.env.wasm.numThreads = 1;
  web.env.wasm.wasmPaths = `${location.origin}/onnxruntime-web/`;
  web.env.logLevel = "error";
  const contenders = {
    "onnxruntime-web": web,
    lanewise,
    "lanewise/ort": own,
    "lanewise/ort in a worker": own,
  };
  const runs = {};
  for (const [name, ort] of Object.entries(contenders)) {
    own.env.wasm.proxy = name.endsWith("worker");
    const since = performance.now();
    const session = await ort.InferenceSession.create(model);
    const created = performance.now() - since;
    const [{ name: input, type, shape }] = session.inputMetadata;
    const size = shape.reduce((a, b) => a * b, 1);
    const run = async () => {
      // onnxruntime-web empties the feeds that it sends to a worker, so programs make them anew.
      const x = new ort.Tensor(type, new Float32Array(size).fill(0.5), shape);
      const since = performance.now();
      await session.run({ [input]: x });
      return performance.now() - since;
    };
    const first = await run();
    for (let i = 0; i < 5; i++) await run();
    runs[name] = { created, first, run, times: [] };
  }
  for (let round = 0; round < rounds; round++)
    for (const { run, times } of Object.values(runs)) times.push(await run());
  return Object.fromEntries(Object.entries(runs).map(([name, { run: _, ...found }]) => [name, found]));
}

const names = process.argv.slice(2);
const models = (names.length > 0 ? names : ["mobilenetv2_fp32_dequant"]).map(findModel);
const executablePath = findChromium();
if (executablePath === undefined) throw new Error(NO_CHROMIUM);
const server = await serve({
  lanewise: at("../dist/browser"),
  "onnxruntime-web": at("../node_modules/onnxruntime-web/dist"),
  ...Object.fromEntries(models.map(({ path }, i) => [`model-${i}`, path])),
});
const browser = await chromium.launch({ executablePath, args: ["--disable-gpu", "--no-first-run"] });
const ms = (value) => value.toFixed(1);
console.log(
  "| model | runs on | create ms | first run ms | least ms of a run | of onnxruntime-web |\n|---|---|---|---|---|---|",
);
try {
  for (const [i, { name }] of models.entries()) {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await page.goto(`${server.origin}/page.html`);
    const found = await page.evaluate(measure, { model: `/model-${i}`, rounds: 60 });
    const least = (contender) => Math.min(...found[contender].times);
    for (const [contender, { created, first }] of Object.entries(found)) {
      const ratio = (least("onnxruntime-web") / least(contender)).toFixed(2);
      console.log(
        `| ${name} | ${contender} | ${ms(created)} | ${ms(first)} | ${ms(least(contender))} | ${ratio}× |`,
      );
    }
    await page.close();
  }
} finally {
  await browser.close();
  server.close();
}
