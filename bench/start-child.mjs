// Opens a model and runs it once: node bench/start-child.mjs DIST MODEL INPUTS; the milliseconds of both, as JSON on file
// descriptor 3. A fresh process, so that the host's code is as cold as whoever opens one model meets it.
import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [dist, model, inputs] = process.argv.slice(2);
const { InferenceSession, Tensor } = await import(pathToFileURL(`${dist}/index.js`).href);
const bytes = readFileSync(model);
const given = JSON.parse(inputs);
const ARRAYS = { float32: Float32Array, float16: Uint16Array, int64: BigInt64Array };

const start = performance.now();
const session = await InferenceSession.create(bytes);
const created = performance.now();
const feeds = {};
for (const { name, type, shape } of session.inputMetadata) {
  const dims = given[name] ?? shape.map((dim) => (typeof dim === "number" ? dim : 1));
  const count = dims.reduce((a, b) => a * b, 1);
  feeds[name] = new Tensor(type, new ARRAYS[type](count), dims);
}
const fed = performance.now();
await session.run(feeds);
const end = performance.now();
writeSync(3, JSON.stringify({ create: created - start, run: end - fed, both: created - start + end - fed }));
process.exit(0);
