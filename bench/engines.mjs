// lanewise beside onnxruntime-web in Chromium, Firefox and WebKit: the same page, input and model, by turns, one thread.
//   node bench/engines.mjs [--models a,b] [--engines Firefox,WebKit] [--seconds 8] [--dist FOLDER]
import { cpus, loadavg } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startEngine } from "../scripts/engines/index.mjs";
import { ENGINE_NAMES } from "../scripts/programs.mjs";
import { findModel } from "./models.mjs";
import { ratios, table, timing } from "./report.mjs";
import { contender } from "./results.mjs";
import { placesOf, serve } from "./serve.mjs";

const MODELS = ["mobilenetv2_fp32_dequant", "light_squeezenet", "light_resnet50"];
/** WebKit's clock has steps of a millisecond. */
const SAMPLE_MS = 50;

const { values: options } = parseArgs({
  options: {
    models: { type: "string", default: MODELS.join(",") },
    engines: { type: "string", default: ENGINE_NAMES.join(",") },
    seconds: { type: "string", default: "8" },
    dist: { type: "string", default: fileURLToPath(new URL("../dist", import.meta.url)) },
  },
});

const rows = [];
for (const model of options.models.split(","))
  for (const engine of options.engines.split(",")) rows.push(await measureIn(engine, findModel(model)));

const head = ["model", "engine", "relaxed ms (min)", "plain ms (min)", "onnxruntime-web ms (min)"];
console.log(`${cpus()[0].model}, ${cpus().length} cores; load ${loadavg()[0].toFixed(1)}\n`);
console.log(
  table(
    [...head, "relaxed ratio (of min)", "plain ratio (of min)"],
    rows.map((row) => [
      row.model,
      row.engine,
      timing(contender(row, "lanewise", "relaxed")),
      timing(contender(row, "lanewise", "plain")),
      timing(contender(row, "onnxruntime-web")),
      ratios(row, "relaxed"),
      ratios(row, "plain"),
    ]),
  ),
);

/** A row of the table, from an engine that is started for it. */
async function measureIn(name, { name: model, path }) {
  const contenders = [
    { label: "lanewise relaxed", runtime: "lanewise", simd: "relaxed", model: path },
    { label: "lanewise plain", runtime: "lanewise", simd: "plain", model: path },
    { label: "onnxruntime-web", runtime: "onnxruntime-web", model: path },
  ];
  const times = { warmSeconds: 2, seconds: Number(options.seconds), rounds: 5, sampleMs: SAMPLE_MS };
  const { places, job } = placesOf({ contenders, probes: {}, dist: resolve(options.dist), ...times });
  let told;
  const report = new Promise((resolve) => {
    told = resolve;
  });
  const server = await serve(places, { scripts: ["/bench/engine-page.mjs"], onPost: told });
  let engine;
  try {
    engine = await startEngine(name);
    await engine.visit(`${server.origin}/page.html?${new URLSearchParams({ job: JSON.stringify(job) })}`);
    const { result, error } = await report;
    if (error !== undefined) throw new Error(`${name}, ${model}: ${error}`);
    for (const one of result.contenders)
      console.error(`${name} ${engine.version}, ${model}: ${one.label} ${one.error ?? timing(one)}`);
    return { model, engine: `${name} ${engine.version}`, contenders: result.contenders };
  } finally {
    await engine?.close();
    server.close();
  }
}
