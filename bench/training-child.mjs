// Trains in this process; job and result are JSON: node bench/training-child.mjs JOB, result on file descriptor 3.
import { mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "./inspect.mjs";
import { startProbe } from "./kernels/probe.mjs";
import { compete, profile } from "./measure.mjs";

const CLASSES = 10;
const BATCH = 64;
/** Pictures of 224×224 go through the frozen part in the batches that `featuresOf` makes. */
const FEATURES_BATCH = 32;
const PROGRESS = { stepsPerEpoch: 1, epochs: 1 };

const job = JSON.parse(process.argv[2]);
const importFrom = (folder, file) => import(pathToFileURL(join(folder, file)).href);
const train = await importFrom(job.dist, "train.js");

/** What is measured, by the job's task: `{ network, images, passes, open }`; passes over the network's products. */
const TASKS = {
  lenet5: async () => updates((await importFrom(job.networks, "lenet5.mjs")).lenet5()),
  resnet20: async () => updates((await importFrom(job.networks, "resnet20.mjs")).resnet20()),
  "mobilenetv2 features": () => frozenFeatures(),
  "mobilenetv2 head": () => {
    const features = featureNetwork();
    const [channels] = train.outputDims(features);
    return updates(train.denseHead(channels, { classes: CLASSES }));
  },
};

/** MobileNetV2 as far as the mean of its last maps. */
function featureNetwork() {
  const { graph } = train.networkFromModel(readFileSync(job.model));
  const maps = graph.nodes.findLast(({ op }) => op === "Clip" || op === "Relu").outputs[0];
  const cut = train.cutNetwork(graph, maps);
  return train.join(cut, train.pooling(train.outputDims(cut), train.opsetOf(graph)));
}

function updates(network) {
  const dims = network.graph.facts.get(network.graph.inputs[0]).dims.slice(1);
  const { x, labels } = pictures(BATCH, dims);
  const open = async ({ runtime, simd, threads }) => {
    if (runtime === "convnetjs") return convnetjsLeNet5(x, labels);
    const trainer = await train.compile(network, {
      loss: train.softmaxCrossEntropy(),
      optimizer: train.sgd({ learningRate: 0.01, momentum: 0.9 }),
      simd,
      threads,
    });
    const batch = {
      x: { dtype: "float32", dims: [BATCH, ...dims], data: x },
      labels: { dtype: "int32", dims: [BATCH], data: labels },
    };
    return {
      run: () => trainer.trainStep(batch, PROGRESS),
      release: () => trainer.release(),
      steps: () => profile((onStep) => trainer.trainStep(batch, PROGRESS, onStep)),
    };
  };
  return { network, dims, images: BATCH, passes: 3, open };
}

function frozenFeatures() {
  const network = featureNetwork();
  const dims = network.graph.facts.get(network.graph.inputs[0]).dims.slice(1);
  const { x, labels } = pictures(FEATURES_BATCH, dims);
  const data = train.fromArrays({ x, y: labels, inputDims: dims, classes: CLASSES });
  const open = async ({ simd, threads }) => ({
    run: () => train.featuresOf(network, data, { batchSize: FEATURES_BATCH, simd, threads }),
    release() {},
  });
  return { network, dims, images: FEATURES_BATCH, passes: 1, open };
}

/** The same network, data and optimiser; a run is one batch with its update. */
async function convnetjsLeNet5(x, labels) {
  const { default: convnetjs } = await import("convnetjs");
  const net = new convnetjs.Net();
  net.makeLayers([
    { type: "input", out_sx: 28, out_sy: 28, out_depth: 1 },
    { type: "conv", sx: 5, filters: 6, stride: 1, pad: 2, activation: "relu" },
    { type: "pool", sx: 2, stride: 2 },
    { type: "conv", sx: 5, filters: 16, stride: 1, pad: 0, activation: "relu" },
    { type: "pool", sx: 2, stride: 2 },
    { type: "fc", num_neurons: 120, activation: "relu" },
    { type: "fc", num_neurons: 84, activation: "relu" },
    { type: "softmax", num_classes: CLASSES },
  ]);
  const options = { method: "sgd", learning_rate: 0.01, momentum: 0.9, l2_decay: 0, batch_size: BATCH };
  const trainer = new convnetjs.Trainer(net, options);
  const pixels = x.length / BATCH;
  const volumes = Array.from({ length: BATCH }, (_, n) => {
    const volume = new convnetjs.Vol(28, 28, 1, 0);
    volume.w.set(x.subarray(n * pixels, (n + 1) * pixels));
    return volume;
  });
  const run = () => {
    for (let n = 0; n < BATCH; n++) trainer.train(volumes[n], labels[n]);
  };
  return { run, release() {} };
}

/** Seeded pictures, [count, ...dims] in [0, 1), and labels that nothing can be learnt from: gradients stay alive. */
function pictures(count, dims) {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const x = Float32Array.from({ length: dims.reduce((a, b) => a * b, count) }, next);
  return { x, labels: Int32Array.from({ length: count }, () => Math.floor(next() * CLASSES)) };
}

/** Multiply-accumulates of the network on a batch, by its exported file. */
function macsOf({ network, dims, images }) {
  const folder = mkdtempSync(join(tmpdir(), "lanewise-bench-"));
  const path = join(folder, "network.onnx");
  writeFileSync(path, train.exportNetwork(network));
  const { totals } = inspect(path, { [network.graph.inputs[0]]: [images, ...dims] }, job.dist);
  rmSync(folder, { recursive: true });
  return totals.macs;
}

const task = await TASKS[job.task]();
const macs = task.passes * macsOf(task);
const contenders = job.contenders.map((one) => ({ ...one }));
const entered = [];
for (const result of contenders) {
  try {
    entered.push({ result, ...(await task.open(result)) });
  } catch (error) {
    result.error = String(error?.message ?? error).split("\n")[0];
  }
}
const probes = {};
for (const [build, path] of Object.entries(job.probes)) probes[build] = await startProbe(readFileSync(path));
const limits = await compete(entered, job, probes);
writeSync(3, JSON.stringify({ images: task.images, macs, contenders, limits }));
// lanewise's workers need not be waited for.
process.exit(0);
