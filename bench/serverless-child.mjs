// Answers one picture from nothing, as a function that has just been started does: node bench/serverless-child.mjs ENGINE
// VISION MODEL PICTURE, where VISION is the URL of lanewise's entry `vision`. Writes the times and the peak of its memory, as
// JSON, on file descriptor 3.
import { readFileSync, writeSync } from "node:fs";
import jpeg from "jpeg-js";

const [engine, vision, model, picture] = process.argv.slice(2);
const { preprocess, softmax, topK } = await import(vision);

/** Of each engine: what gives a session, and what makes its tensors. */
const ENGINES = {
  async lanewise() {
    const { InferenceSession, Tensor } = await import(new URL("index.js", vision));
    return { Tensor, create: () => InferenceSession.create(model) };
  },
  async "onnxruntime-web"() {
    const { env, InferenceSession, Tensor } = await import("onnxruntime-web/wasm");
    env.wasm.numThreads = 1;
    return { Tensor, create: () => InferenceSession.create(readFileSync(model)) };
  },
  async "onnxruntime-node"() {
    const { default: ort } = await import("onnxruntime-node");
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
    return { Tensor: ort.Tensor, create: () => ort.InferenceSession.create(model, options) };
  },
  /** Everything but the network. */
  async none() {
    return {};
  },
};

const began = performance.now();
const { Tensor, create } = await ENGINES[engine]();
const loaded = performance.now();
const { tensor } = preprocess(jpeg.decode(readFileSync(picture), { useTArray: true }), "imagenet");
const decoded = performance.now();
let created = decoded;
let best;
if (create !== undefined) {
  const session = await create();
  created = performance.now();
  const feeds = { [session.inputNames[0]]: new Tensor("float32", tensor.data, tensor.dims) };
  const results = await session.run(feeds);
  best = topK(softmax(results[session.outputNames[0]].data), 5)[0].index;
}
const end = performance.now();
const times = { load: loaded - began, create: created - decoded, run: end - created };
writeSync(3, JSON.stringify({ ...times, best, peakBytes: process.resourceUsage().maxRSS * 1024 }));
process.exit(0);
