import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { build, type OutputFile } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Consumer, consumerOfBuild, root, runNode } from "../support/consumer.ts";
import { random } from "../support/random.ts";
import { blockOf, blocksOf } from "./blocks.ts";

// The code of docs/tfjs.md, run from the packed package and compared with what TensorFlow.js gives for the same numbers.

const blocks = blocksOf("tfjs.md");

let consumer: Consumer;

beforeAll(async () => {
  consumer = consumerOfBuild();
  await tf.setBackend("cpu");
});

afterAll(() => consumer?.remove());

/** Runs a block, and behind it a program that is handed `input` and prints JSON. */
function run<Found>(heading: string, program: string, input: unknown): Found {
  consumer.write("input.json", JSON.stringify(input));
  const code = `import { readFileSync } from "node:fs";
${blockOf(blocks, heading, "js")}
const input = JSON.parse(readFileSync("input.json", "utf8"));
${program}`;
  return JSON.parse(consumer.runModule("block.mjs", code)) as Found;
}

/** Runs a program of TensorFlow.js with its gradients, which its bundle for Node does not have, on the same input. */
async function runTfjs<Found>(program: string): Promise<Found> {
  await build({
    stdin: {
      contents: `import "@tensorflow/tfjs-core/dist/register_all_gradients";
        import "@tensorflow/tfjs-backend-cpu";
        import * as tf from "@tensorflow/tfjs-core";
        import { readFileSync } from "node:fs";
        const input = JSON.parse(readFileSync("input.json", "utf8"));
        ${program}`,
      resolveDir: root,
    },
    ...{ bundle: true, format: "cjs", platform: "node", mainFields: ["module", "main"], logLevel: "error" },
    outfile: `${consumer.folder}/theirs.cjs`,
  });
  return JSON.parse(runNode(consumer.folder, "theirs.cjs").trim().split("\n").at(-1) as string) as Found;
}

const numbers = (count: number, seed: number): number[] =>
  Array.from(random(seed).tensor("float32", [count], -1, 1).data);

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i] as number, 5);
}

test("pixels become what tf.browser.fromPixels makes of them", async () => {
  const [width, height] = [5, 4];
  const data = Array.from({ length: width * height * 4 }, (_, i) => (i * 37) % 256);
  const pixels = { width, height, data };
  const { bytes, dims, mobile } = run<{ bytes: number[]; dims: number[]; mobile: number[] }>(
    "NHWC and NCHW",
    `const pixels = { ...input, data: Uint8Array.from(input.data) };
    const { data, dims } = asBytes(pixels);
    console.log(JSON.stringify({ bytes: [...data], dims, mobile: forMobileNet(pixels).dims }));`,
    pixels,
  );
  const theirs = tf.browser.fromPixels({ width, height, data: Uint8Array.from(data) });
  expect(dims).toEqual([1, ...theirs.shape]);
  expect(bytes).toEqual(Array.from(await theirs.data()));
  expect(mobile).toEqual([1, 224, 224, 3]);
});

test("a model that takes NHWC is fed as TensorFlow.js is, and gives the same", async () => {
  const [x, kernel, bias, weights, offsets] = [972, 216, 8, 40, 5].map((count, seed) =>
    numbers(count, seed + 1),
  );
  const image = tf.tensor4d(x as number[], [1, 18, 18, 3]);
  const maps = tf.fused.conv2d({
    ...{
      x: image,
      filter: tf.tensor4d(kernel as number[], [3, 3, 3, 8]),
      bias: tf.tensor1d(bias as number[]),
    },
    ...{ strides: 2, pad: "same", activation: "relu" },
  });
  const features = tf.mean(maps, [1, 2]) as tf.Tensor2D;
  const theirs = tf.add(tf.matMul(features, tf.tensor2d(weights as number[], [8, 5])), offsets as number[]);
  const ours = run<number[]>(
    "Weights by hand",
    `import { exportNetwork } from "lanewise/train";
    import { graphBuilder } from "lanewise/nn";
    import { InferenceSession, Tensor } from "lanewise";
    // The network behind a Transpose, as tf2onnx writes networks.
    const { graph } = fromTfjs(input);
    const builder = graphBuilder({ name: "nhwc" });
    builder.input("image", "float32", [1, 18, 18, 3]);
    for (const [name, { data }] of graph.facts) if (data) builder.constant(name, data);
    builder.node("Transpose", ["image"], { perm: [0, 3, 1, 2] }, { outputs: graph.inputs });
    for (const { op, inputs, outputs, attributes } of graph.nodes) builder.node(op, inputs, attributes, { outputs });
    builder.output(graph.outputs[0]);
    const session = await InferenceSession.create(exportNetwork({ graph: builder.finish(), trainable: new Set() }));
    const image = new Tensor("float32", input.x, [1, 18, 18, 3]);
    const [scores] = Object.values(await session.run({ image }));
    console.log(JSON.stringify([...scores.data]));`,
    { x, kernel, bias, weights, offsets },
  );
  expectClose(ours, await theirs.data());
});

test("training takes the same steps as tf.train.sgd", async () => {
  const [count, epochs, learningRate] = [12, 5, 0.5];
  const x = numbers(count * 4, 6);
  const classes = Array.from({ length: count }, (_, i) => (i * 7) % 3);
  const weights = numbers(12, 7);
  const { losses, scores } = run<{ losses: number[]; scores: number[] }>(
    "Training",
    `import { InferenceSession, Tensor } from "lanewise";
    const { losses, model } = await train({ ...input, x: Float32Array.from(input.x) });
    const session = await InferenceSession.create(model);
    const [scores] = Object.values(await session.run({ x: new Tensor("float32", input.x, [input.classes.length, 4]) }));
    console.log(JSON.stringify({ losses, scores: [...scores.data] }));`,
    { x, classes, weights, learningRate, epochs },
  );
  const theirs = await runTfjs<{ losses: number[]; scores: number[] }>(
    `const inputs = tf.tensor2d(input.x, [input.classes.length, 4]);
    const labels = tf.oneHot(tf.tensor1d(input.classes, "int32"), 3);
    // Ours are [units, features].
    const kernel = tf.variable(tf.transpose(tf.tensor2d(input.weights, [3, 4])));
    const bias = tf.variable(tf.zeros([3]));
    const output = () => tf.add(tf.matMul(inputs, kernel), bias);
    const optimizer = tf.train.sgd(input.learningRate);
    const losses = Array.from({ length: input.epochs }, () =>
      optimizer.minimize(() => tf.losses.softmaxCrossEntropy(labels, output()), true).dataSync()[0]);
    console.log(JSON.stringify({ losses, scores: [...output().dataSync()] }));`,
  );
  expectClose(losses, theirs.losses);
  expectClose(scores, theirs.scores);
  expect(losses.at(-1)).toBeLessThan(losses[0] as number);
});

test("TensorFlow.js costs what the page says", async () => {
  const page = readFileSync(`${root}docs/tfjs.md`, "utf8");
  const [, whole, script, kernels] =
    /backend is (\d+) KB[^:]*: (\d+) KB of script [^,]*, and (\d+) KB/.exec(page) ?? [];
  const { outputFiles } = await build({
    stdin: {
      contents: `import * as tf from "@tensorflow/tfjs-core"; import "@tensorflow/tfjs-backend-wasm";
        console.log(tf.tensor, tf.conv2d, tf.tidy);`,
      resolveDir: root,
    },
    ...{ bundle: true, minify: true, format: "esm", platform: "browser", logLevel: "error" },
    write: false,
  });
  const wasm = `${root}node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm`;
  const size = (bytes: Uint8Array) => Math.round(gzipSync(bytes, { level: 6 }).length / 1000);
  const sizes = [size((outputFiles[0] as OutputFile).contents), size(readFileSync(wasm))] as const;
  expect([Number(script), Number(kernels)]).toEqual(sizes);
  expect(Number(whole)).toBe(sizes[0] + sizes[1]);
});
