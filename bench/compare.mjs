// lanewise against onnxruntime-web (wasm, one thread) in one Node process: the same model and input, runs interleaved,
// both warmed up first. Usage: node bench/compare.mjs [--simd plain|relaxed] [--seconds N] [--json FILE] [MODEL…]
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as ort from "onnxruntime-web";
import { InferenceSession, Tensor } from "../dist/index.js";

const DATA = process.env.LANEWISE_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));
const DEFAULT_MODELS = ["light_resnet50", "mobilenetv2_fp32_dequant", "light_squeezenet", "ultraface_rfb320"];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    simd: { type: "string", default: "auto" },
    seconds: { type: "string", default: "6" },
    json: { type: "string" },
  },
});

const findModel = (name) =>
  [name, join(DATA, "models", name, "model.onnx"), join(DATA, "onnx-backend/light", name, "model.onnx")].find(
    (path) => path.endsWith(".onnx") && existsSync(path),
  );

/** Seeded numbers in [0, 1) for every input, symbolic sizes taken as 1. */
function makeFeeds(session) {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return session.inputMetadata.map(({ name, type, shape }) => {
    const dims = shape.map((dim) => (typeof dim === "number" ? dim : 1));
    const count = dims.reduce((a, b) => a * b, 1);
    return { name, type, dims, data: Float32Array.from({ length: count }, next) };
  });
}

const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

async function time(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

async function compare(name) {
  const path = findModel(name);
  if (path === undefined) throw new Error(`no model ${name} (data folder: ${DATA})`);
  const bytes = readFileSync(path);
  const own = await InferenceSession.create(bytes, { simd: options.simd });
  const peer = await ort.InferenceSession.create(bytes, {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  });
  const feeds = makeFeeds(own);
  const ownFeeds = Object.fromEntries(feeds.map((f) => [f.name, new Tensor(f.type, f.data, f.dims)]));
  const peerFeeds = Object.fromEntries(feeds.map((f) => [f.name, new ort.Tensor(f.type, f.data, f.dims)]));
  const runOwn = () => own.run(ownFeeds);
  const runPeer = () => peer.run(peerFeeds);
  const warmUntil = performance.now() + 1500;
  do {
    await runOwn();
    await runPeer();
  } while (performance.now() < warmUntil);
  const times = { own: [], peer: [] };
  const until = performance.now() + Number(options.seconds) * 1000;
  while (performance.now() < until || times.own.length < 10) {
    times.own.push(await time(runOwn));
    times.peer.push(await time(runPeer));
  }
  const row = {
    model: name,
    simd: own.simd,
    runs: times.own.length,
    lanewise_ms: median(times.own),
    lanewise_min_ms: Math.min(...times.own),
    onnxruntime_web_ms: median(times.peer),
    onnxruntime_web_min_ms: Math.min(...times.peer),
  };
  await peer.release();
  await own.release();
  return { ...row, ratio: row.onnxruntime_web_ms / row.lanewise_ms };
}

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";
const models = positionals.length > 0 ? positionals : DEFAULT_MODELS;
const rows = [];
console.log("| model | simd | lanewise ms (min) | onnxruntime-web ms (min) | ratio |\n|---|---|---|---|---|");
for (const model of models) {
  const row = await compare(model);
  rows.push(row);
  const ms = (a, b) => `${a.toFixed(2)} (${b.toFixed(2)})`;
  console.log(
    `| ${model} | ${row.simd} | ${ms(row.lanewise_ms, row.lanewise_min_ms)} | ${ms(row.onnxruntime_web_ms, row.onnxruntime_web_min_ms)} | ${row.ratio.toFixed(2)} |`,
  );
}
const mean = Math.exp(rows.reduce((sum, row) => sum + Math.log(row.ratio), 0) / rows.length);
console.log(`geometric mean of the ratios: ${mean.toFixed(2)} (above 1: lanewise is faster)`);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
