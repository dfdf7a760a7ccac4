// What a convolution knows of pictures: neighbours. One fixed permutation of all pixels takes that away from LeNet-5;
// a multi-layer perceptron of about four times its weights cannot tell the difference.
//
//   npm run build
//   node examples/shuffled-pixels.mjs --data FOLDER    (MNIST's four IDX files; without, digits drawn by lanewise)
//     [--epochs 5] [--samples N] [--seed 1] [--threads 1] [--json]
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { conv2d, dense, flatten, maxPool2d, relu, sequential } from "../dist/nn.js";
import {
  accuracy,
  compile,
  digits,
  inMemory,
  mnist,
  sgd,
  softmaxCrossEntropy,
  subset,
} from "../dist/train.js";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    epochs: { type: "string", default: "5" },
    samples: { type: "string" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const [epochs, seed, threads] = [values.epochs, values.seed, values.threads].map(Number);

/** LeNet-5, the variant with rectifiers and max pooling: 61,706 weights. */
const cnn = () =>
  sequential({ input: [1, 28, 28], name: "cnn", seed }, [
    conv2d({ filters: 6, kernelSize: 5, padding: 2 }),
    relu(),
    maxPool2d({ kernelSize: 2 }),
    conv2d({ filters: 16, kernelSize: 5 }),
    relu(),
    maxPool2d({ kernelSize: 2 }),
    flatten(),
    dense({ units: 120 }),
    relu(),
    dense({ units: 84 }),
    relu(),
    dense({ units: 10 }),
  ]);

/** Two hidden layers of 300 and 100: 266,610 weights. */
const mlp = () =>
  sequential({ input: [1, 28, 28], name: "mlp", seed }, [
    flatten(),
    dense({ units: 300 }),
    relu(),
    dense({ units: 100 }),
    relu(),
    dense({ units: 10 }),
  ]);

async function dataSets() {
  const count = values.samples === undefined ? undefined : Number(values.samples);
  if (values.data === undefined) {
    const make = (count, seed) => inMemory(digits({ count, seed }));
    return { train: await make(count ?? 10_000, 1), test: await make(2000, 2) };
  }
  const names = readdirSync(values.data);
  const file = (start) =>
    readFileSync(join(values.data, names.find((name) => name.startsWith(start)) ?? start));
  const { train, test } = await mnist({
    trainImages: file("train-images"),
    trainLabels: file("train-labels"),
    testImages: file("t10k-images"),
    testLabels: file("t10k-labels"),
  });
  return { train: subset(train, 0, Math.min(count ?? train.length, train.length)), test };
}

/** The numbers 0 to 783 in an order of their own, the same in every run. */
function permutation() {
  const order = Array.from({ length: 28 * 28 }, (_, i) => i);
  let state = 1998;
  for (let i = order.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** The data set with the pixels of every picture in that order. */
function shuffled(data, order) {
  const size = order.length;
  return {
    ...data,
    read(index, into, slot, epoch) {
      data.read(index, into, slot, epoch);
      const picture = into.x.slice(slot * size, (slot + 1) * size);
      for (let i = 0; i < size; i++) into.x[slot * size + i] = picture[order[i]];
    },
  };
}

/** Trains a network and gives its error on the test set, in per cent. */
async function testError(network, train, test) {
  const trainer = await compile(network, {
    optimizer: sgd({ learningRate: 0.02, momentum: 0.9 }),
    loss: softmaxCrossEntropy(),
    metrics: [accuracy()],
    seed,
    threads,
  });
  await trainer.fit(train, { epochs, batchSize: 32 });
  const { accuracy: right } = await trainer.evaluate(test, { batchSize: 100 });
  trainer.release();
  return 100 * (1 - right);
}

const { train, test } = await dataSets();
const order = permutation();
const errors = {};
for (const [name, build] of Object.entries({ mlp, cnn })) {
  errors[name] = {
    pixels: await testError(build(), train, test),
    shuffled: await testError(build(), shuffled(train, order), shuffled(test, order)),
  };
}
if (values.json) console.log(JSON.stringify(errors));
else {
  console.log(
    `test error after ${epochs} epochs on ${train.length} samples of ${train.name}, seed ${seed}\n`,
  );
  console.log("network   as drawn   shuffled");
  for (const [name, { pixels, shuffled }] of Object.entries(errors)) {
    console.log(
      `${name.padEnd(7)}${`${pixels.toFixed(2)} %`.padStart(11)}${`${shuffled.toFixed(2)} %`.padStart(11)}`,
    );
  }
}
