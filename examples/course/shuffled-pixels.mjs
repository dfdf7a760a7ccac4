// What a convolution knows of pictures: neighbours (lectures B, "MNIST permuted", and C, "MLP and images").
//
// One fixed permutation of all pixels takes them away. To a multi-layer perceptron, which sees a list of numbers, digits are as
// easy as before; LeNet-5, of a quarter of its weights, loses what made it better.
//
//   node examples/course/shuffled-pixels.mjs [--mnist FOLDER] [--samples N] [--epochs N] [--seed 1] [--out FOLDER] [--json]
//     [--answer N]
import { paint, rowsOf } from "lanewise/inspect";
import { sgd } from "lanewise/train";
import { experiment } from "./shared/experiment.mjs";
import { panels } from "./shared/panels.mjs";
import { randomFrom } from "./shared/pictures.mjs";
import { DIGIT_OPTIONS, digitSets, errorOf, lenet, perceptron, trained } from "./shared/training.mjs";

const SIDE = 28;

/** The numbers 0 to 783 in an order of their own, the same in every run. */
function permutation() {
  const order = Array.from({ length: SIDE * SIDE }, (_, i) => i);
  const draw = randomFrom(1998);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
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

/** The first 2, the first 6 and the first 9 of a data set, as pictures. */
async function figures(data) {
  const { rows, labels } = await rowsOf(data);
  return [2, 6, 9].map((digit) => {
    const plane = { data: rows[labels.indexOf(digit)], width: SIDE, height: SIDE };
    return { digit, picture: paint(plane, { colors: "gray", from: 0, to: 1 }) };
  });
}

await experiment({
  title: "Shuffled pixels",
  lecture: "B: FC: Limitations; C: MLP and images",
  options: DIGIT_OPTIONS,
  async run(lab, values) {
    const { mnist: folder, samples = "4000", epochs = "5" } = values;
    const { train, test } = await digitSets({ folder, samples: Number(samples) });
    const order = permutation();
    const seed = Number(values.seed);
    const error = async (build, change) => {
      const settings = {
        epochs: Number(epochs),
        seed,
        optimizer: sgd({ learningRate: 0.02, momentum: 0.9 }),
      };
      return errorOf(await trained(build(seed), change(train), settings), change(test));
    };
    const asDrawn = (data) => data;
    const inOrder = (data) => shuffled(data, order);
    lab.figure("mlp", await error(perceptron, asDrawn), "% error of the perceptron, 266,610 weights");
    lab.figure("mlpShuffled", await error(perceptron, inOrder), "% with shuffled pixels");
    lab.figure("cnn", await error(lenet, asDrawn), "% error of LeNet-5, 61,706 weights");
    lab.figure("cnnShuffled", await error(lenet, inOrder), "% with shuffled pixels");
    const [drawn, mixed] = [await figures(test), await figures(inOrder(test))];
    lab.drawing(
      "shuffled-pixels",
      panels(
        [
          ...drawn.map(({ digit, picture }) => ({ caption: `a ${digit}`, picture })),
          ...mixed.map(({ digit, picture }) => ({ caption: `the same ${digit}, shuffled`, picture })),
        ],
        { columns: 3 },
      ),
    );
  },
  exercise: {
    question:
      "A trained perceptron gets its pixels shuffled. How many of its weights must take another value, not just another place, to be as good again?",
    answer: 0,
    why: "The columns of its first layer take the order of the pixels: for every perceptron there is one as good on shuffled pixels.",
    hint: "Put the columns of the first layer's matrix into the order of the pixels.",
  },
});
