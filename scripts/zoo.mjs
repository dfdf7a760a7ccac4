// Runs every network of the zoo (or those named) as published, on seeded weights, beside onnxruntime on the exported file; those
// of more than 3 GB are counted and planned only. Each has a process of its own: what one takes, the next one has again.
import { spawnSync } from "node:child_process";
import { createWriteStream, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildDist } from "./build.mjs";

const script = fileURLToPath(import.meta.url);
const dist = (entry) => pathToFileURL(join(script, "../../dist", `${entry}.js`)).href;

/** Weights in memory once here and once in onnxruntime, and wasm's memory with them packed: more does not fit in 4 GB. */
const MAX_BYTES = 3e9;
/** The largest difference, in parts of the widest gap between two outputs, that float32 sums in another order explain. */
const TOLERANCE = 1e-3;

async function all(names) {
  if (!existsSync(fileURLToPath(dist("models")))) await buildDist({ types: false });
  const { zoo } = await import(dist("models"));
  const known = zoo.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`there is no network ${unknown.join(", ")}; there are ${known.join(", ")}`);
  const failed = known
    .filter((name) => names.length === 0 || names.includes(name))
    .filter((name) => {
      const { status } = spawnSync(process.execPath, ["--max-old-space-size=4096", script, "--one", name], {
        stdio: "inherit",
      });
      if (status !== 0) console.log(`${name}: failed`);
      return status !== 0;
    });
  console.log(failed.length === 0 ? "all agree with onnxruntime" : `failed: ${failed.join(", ")}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

/** Prints a line about one network; throws where it runs otherwise than in onnxruntime. */
async function report(name) {
  const [{ zoo }, { networkMemory, summarizeNetwork }] = await Promise.all([
    import(dist("models")),
    import(dist("inspect")),
  ]);
  const { build } = zoo.find((model) => model.name === name);
  const counted = build({ weights: "counted" });
  const { trainable, macs } = summarizeNetwork(counted);
  const { arenaBytes, weightBytes } = networkMemory(counted);
  const numbers = `${trainable.toLocaleString("en-US")} parameters, ${gigas(macs)} GMACs, arena ${gigas(arenaBytes)} GB, weights ${gigas(weightBytes)} GB`;
  if (4 * trainable > MAX_BYTES) {
    console.log(`${name}: ${numbers}; counted and planned only`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "lanewise-zoo-"));
  try {
    const { error, seconds } = await compareRuns(build, folder);
    console.log(
      `${name}: ${numbers}; differs by ${error.toExponential(1)} of its range, ${seconds.toFixed(1)} s`,
    );
    if (!(error <= TOLERANCE)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const gigas = (value) => (value / 1e9).toPrecision(3);

/** Exports a network and runs the file here and in onnxruntime: the largest difference, and the time here. */
async function compareRuns(build, folder) {
  const path = join(folder, "model.onnx");
  const dims = await writeModel(build, path);
  const x = Float32Array.from({ length: dims.reduce((count, dim) => count * dim) }, (_, i) =>
    Math.sin(i * i),
  );
  const { InferenceSession, Tensor } = await import(dist("index"));
  const start = performance.now();
  const session = await InferenceSession.create(path);
  const [input] = session.inputNames;
  const results = await session.run({ [input]: new Tensor("float32", x, dims) });
  const seconds = (performance.now() - start) / 1000;
  const outputs = Object.fromEntries(Object.entries(results).map(([key, { data }]) => [key, data.slice()]));
  session.release();
  const ort = await import("onnxruntime-node");
  // Its optimisations leave more of a gap (half a per cent in networks that normalise groups) than the two runtimes do.
  const options = { graphOptimizationLevel: "disabled", intraOpNumThreads: 1, logSeverityLevel: 3 };
  const reference = await ort.InferenceSession.create(path, options);
  const expected = await reference.run({ [input]: new ort.Tensor("float32", x, dims) });
  const errors = Object.entries(expected).map(([key, { data }]) => largestDifference(outputs[key], data));
  return { error: Math.max(...errors), seconds };
}

/** Writes the network and its weights beside it; gives the dims of its input. */
async function writeModel(build, path) {
  const { exportNetworkParts } = await import(dist("train"));
  const { graph, trainable } = build({ seed: 1 });
  const { model, data } = exportNetworkParts({ graph, trainable }, "model.onnx.data");
  await pipeline(Readable.from(data), createWriteStream(`${path}.data`));
  writeFileSync(path, model);
  return graph.facts.get(graph.inputs[0]).dims.map((dim) => (typeof dim === "number" ? dim : 1));
}

/** In parts of the reference's range; a reference that is all the same, or not finite, says nothing and counts as failed. */
function largestDifference(data, expected) {
  let [low, high, difference] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < expected.length; i++) {
    low = Math.min(low, expected[i]);
    high = Math.max(high, expected[i]);
    difference = Math.max(difference, Math.abs(data[i] - expected[i]));
  }
  return data.length === expected.length && high > low ? difference / (high - low) : Number.NaN;
}

const [, , first, ...rest] = process.argv;
if (first === "--one") await report(rest[0]);
else await all([first, ...rest].filter((name) => name !== undefined));
