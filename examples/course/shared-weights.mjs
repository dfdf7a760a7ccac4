// Weights that several places share (lecture C, "Backpropagation in CNN": w1 = w2 = w1 − η/2 (∂E/∂w1 + ∂E/∂w2)).
//
// Two layers that must stay equal are updated by the mean of their gradients. A framework that holds the weight once needs no such
// rule: the derivative of a weight that is used twice is the sum over both uses, and half the learning rate makes it the mean. A
// convolution is the same with a use for every place of the picture.
//
//   node examples/course/shared-weights.mjs [--out FOLDER] [--json] [--answer N]
import { Tensor } from "lanewise";
import { conv2d, dense, initializers, locallyConnected2d, sequential, shared, tanh } from "lanewise/nn";
import { compile, gradient, meanSquaredError, sgd } from "lanewise/train";
import { chart } from "./shared/chart.mjs";
import { experiment } from "./shared/experiment.mjs";
import { randomFrom } from "./shared/pictures.mjs";
import { farthest } from "./shared/planes.mjs";

const [UNITS, BATCH, RATE, STEPS] = [4, 8, 0.4, 60];

const draw = randomFrom(7);
const numbers = (length, far = 1) => Float32Array.from({ length }, () => far * (2 * draw() - 1));

const WEIGHT = numbers(UNITS * UNITS);
const X = numbers(BATCH * UNITS);
const TARGET = numbers(BATCH * UNITS, 0.7);

/** A dense layer that begins with the one weight. */
const layer = (name) =>
  dense({ name, units: UNITS, bias: false, weightInitializer: initializers.values(WEIGHT) });

/** tanh(W2 · tanh(W1 · x)): W1 and W2 are two weights of the same numbers, or one weight. */
const separate = () =>
  sequential({ input: [UNITS], name: "two weights" }, [layer("w1"), tanh(), layer("w2"), tanh()]);
function tied() {
  const one = shared(layer("w"));
  return sequential({ input: [UNITS], name: "one weight" }, [one, tanh(), one, tanh()]);
}

const weightOf = (network, name) => network.graph.facts.get(`${name}.weight`).data.data;

const batch = {
  x: new Tensor("float32", X, [BATCH, UNITS]),
  labels: new Tensor("float32", TARGET, [BATCH, UNITS]),
};

/** Updates of the network by gradient descent: the loss before each, and the weights after the last. */
async function descend(network, learningRate, steps) {
  const trainer = await compile(network, { optimizer: sgd({ learningRate }), loss: meanSquaredError() });
  const losses = Array.from(
    { length: steps },
    () => trainer.trainStep(batch, { stepsPerEpoch: 1, epochs: 1 }).loss,
  );
  const after = trainer.network();
  trainer.release();
  return { losses, after };
}

/** The gradients of the mean squared error by the two weights, from the derivative of the outputs. */
async function gradientsOfBoth() {
  const network = separate();
  const [output] = network.graph.outputs;
  const session = await gradient(network, { of: output, withRespectTo: ["w1.weight", "w2.weight"] });
  const feeds = { [network.graph.inputs[0]]: batch.x };
  const { values } = await session.run(feeds);
  const slope = values[output].data.map((value, i) => (2 * (value - TARGET[i])) / TARGET.length);
  const outputGradient = new Tensor("float32", slope, [BATCH, UNITS]);
  const { gradients } = await session.run(feeds, { outputGradient });
  await session.release();
  return ["w1.weight", "w2.weight"].map((name) => gradients[name].data);
}

/** How far a convolution's gradient is from the sum of those of a layer that has weights of its own for each place. */
async function sumOverPlaces() {
  const [size, kernel] = [8, 3];
  const places = (size - kernel + 1) ** 2;
  const filter = numbers(kernel ** 2);
  const x = new Tensor("float32", numbers(size ** 2), [1, 1, size, size]);
  const slopes = new Tensor("float32", numbers(places), [1, 1, size - kernel + 1, size - kernel + 1]);
  const gradientOf = async (make, weights) => {
    const network = sequential({ input: [1, size, size] }, [
      make({
        name: "layer",
        filters: 1,
        kernelSize: kernel,
        bias: false,
        weightInitializer: initializers.values(weights),
      }),
    ]);
    const [output] = network.graph.outputs;
    const session = await gradient(network, { of: output, withRespectTo: "layer.weight" });
    const found = await session.run({ [network.graph.inputs[0]]: x }, { outputGradient: slopes });
    await session.release();
    return found.gradients["layer.weight"];
  };
  const one = await gradientOf(conv2d, filter);
  const many = await gradientOf(locallyConnected2d, Array.from({ length: places }, () => [...filter]).flat());
  const sum = new Float32Array(filter.length);
  many.data.forEach((value, i) => {
    sum[i % filter.length] += value;
  });
  return { places, apart: farthest(one.data, sum) };
}

await experiment({
  title: "Weights that several places share",
  lecture: "C: Backpropagation in CNN",
  async run(lab) {
    const [byFirst, bySecond] = await gradientsOfBoth();
    const byHand = WEIGHT.map((value, i) => value - (RATE / 2) * (byFirst[i] + bySecond[i]));
    const { after } = await descend(tied(), RATE / 2, 1);
    lab.figure(
      "rule",
      farthest(weightOf(after, "w"), byHand),
      "is how far one update of the shared weight is from w1 − η/2 (∂E/∂w1 + ∂E/∂w2)",
    );
    const alone = (await descend(separate(), RATE, 1)).after;
    lab.figure(
      "apart",
      farthest(weightOf(alone, "w1"), weightOf(alone, "w2")),
      "is how far two weights that began as one are apart after one update of each by itself",
    );
    const [one, two] = [await descend(tied(), RATE / 2, STEPS), await descend(separate(), RATE, STEPS)];
    lab.figure("lossShared", one.losses.at(-1), `loss of the shared weight after ${STEPS} updates`);
    lab.figure("lossSeparate", two.losses.at(-1), "loss of two weights, twice the parameters");
    const { places, apart } = await sumOverPlaces();
    lab.figure("places", places, "places share a 3×3 filter on 8×8");
    lab.figure(
      "filter",
      apart,
      "is how far the filter's gradient is from the sum over a filter for each place",
    );
    const curve = (name, { losses }) => ({ name, points: losses.map((loss, i) => [i, loss]) });
    lab.drawing(
      "shared-weights",
      chart([curve("one weight in two places", one), curve("two weights", two)], {
        title: "The same network with one weight and with two",
        x: { label: "updates", to: STEPS, ticks: [0, 20, 40, 60] },
        y: { label: "mean squared error", from: 0 },
      }),
    );
  },
  exercise: {
    question:
      "w1 = w2 = 3, η = 0.2, ∂E/∂w1 = 1 and ∂E/∂w2 = 4. What are w1 and w2 after the lecture's update?",
    answer: 2.5,
    why: "3 − 0.2/2 · (1 + 4).",
    hint: "Take the mean of the two gradients times η.",
  },
});
