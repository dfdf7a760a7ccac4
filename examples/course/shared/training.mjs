// What the experiments that train have in common: a network trained, digits to train it on, small classifiers of them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { conv2d, dense, flatten, maxPool2d, relu, sequential } from "lanewise/nn";
import {
  accuracy,
  adam,
  compile,
  digits,
  inMemory,
  mnist,
  softmaxCrossEntropy,
  subset,
} from "lanewise/train";

/** Flags of experiments that train on digits. */
export const DIGIT_OPTIONS = {
  mnist: { type: "string" },
  samples: { type: "string" },
  epochs: { type: "string" },
  seed: { type: "string", default: "1" },
};

/** A trainer that has gone over the data so many times. */
export async function trained(
  network,
  data,
  {
    epochs,
    batchSize = 32,
    optimizer = adam({ learningRate: 0.002 }),
    loss = softmaxCrossEntropy(),
    metrics = [accuracy()],
    seed = 1,
    callbacks = [],
    ...more
  },
) {
  const trainer = await compile(network, { optimizer, loss, metrics, seed, ...more });
  await trainer.fit(data, { epochs, batchSize, callbacks });
  return trainer;
}

/** Per cent of a data set that a trained network gets wrong. */
export async function errorOf(trainer, data) {
  const scores = await trainer.evaluate(data, { batchSize: 100 });
  return 100 * (1 - scores.accuracy);
}

/**
 * Digits to train and to test on, of 28×28, ink 1 on 0: MNIST where `folder` has its four files, else written by lanewise's
 * program. `samples` and `tests` are how many, at most.
 */
export async function digitSets({ folder, samples, tests = 2000 }) {
  if (folder === undefined) {
    const written = (count, seed) => inMemory(digits({ count, seed }));
    return { train: await written(samples, 1), test: await written(tests, 2) };
  }
  const file = (name) => readFileSync(join(folder, name));
  const { train, test } = await mnist({
    trainImages: file("train-images-idx3-ubyte.gz"),
    trainLabels: file("train-labels-idx1-ubyte.gz"),
    testImages: file("t10k-images-idx3-ubyte.gz"),
    testLabels: file("t10k-labels-idx1-ubyte.gz"),
  });
  const first = (data, count) => subset(data, 0, Math.min(count, data.length));
  return { train: first(train, samples), test: first(test, tests) };
}

/** LeNet-5, the variant with rectifiers and max pooling: 61,706 weights for ten classes. */
export const lenet = (seed, classes = 10) =>
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
    dense({ units: classes }),
  ]);

/** Two hidden layers of 300 and 100: 266,610 weights. */
export const perceptron = (seed) =>
  sequential({ input: [1, 28, 28], name: "mlp", seed }, [
    flatten(),
    dense({ units: 300 }),
    relu(),
    dense({ units: 100 }),
    relu(),
    dense({ units: 10 }),
  ]);
