// How many weights a multi-layer perceptron wants for a picture (lecture B, "FC: Limitations": parameter explosion; C, "MLP and
// images": 512×512×3, 6.19·10¹¹ weights, more than a terabyte).
//
// One hidden layer as large as the input has n² weights for n numbers. lanewise counts them without making them; making them is a
// MemoryError before anything is taken.
//
//   node examples/course/parameter-explosion.mjs [--out FOLDER] [--json] [--answer N]
import { summarizeNetwork } from "lanewise/inspect";
import { conv2d, dense, flatten, sequential } from "lanewise/nn";
import { chart } from "./shared/chart.mjs";
import { experiment } from "./shared/experiment.mjs";

const SIDES = [8, 16, 32, 64, 128, 256, 512];

/** A hidden layer of as many units as the picture has numbers. */
const perceptron = (side, weights) =>
  sequential({ input: [3, side, side], weights, name: `mlp ${side}×${side}×3` }, [
    flatten(),
    dense({ name: "hidden", units: 3 * side * side }),
  ]);

/** Sixty-four filters of 3×3, as VGG begins. */
const convolutional = (side) =>
  sequential({ input: [3, side, side], weights: "counted" }, [
    conv2d({ filters: 64, kernelSize: 3, padding: 1 }),
  ]);

/** What lanewise says to one who wants the weights themselves. */
function refusal(side) {
  try {
    perceptron(side, "made");
  } catch (error) {
    return error.name;
  }
  return "made";
}

await experiment({
  title: "A perceptron's weights explode",
  lecture: "B: FC: Limitations; C: MLP and images",
  async run(lab) {
    const rows = SIDES.map((side) => ({
      picture: `${side}×${side}×3`,
      "hidden layer": summarizeNetwork(perceptron(side, "counted")).parameters,
      convolution: summarizeNetwork(convolutional(side)).parameters,
    }));
    lab.table("parameters", "parameters of the first layer", rows);
    const last = rows.at(-1)["hidden layer"];
    const biases = 3 * 512 ** 2;
    lab.figure("weights", last - biases, "weights for 512×512×3");
    lab.figure("biases", biases, "biases besides");
    lab.figure("terabytes", (4 * last) / 1e12, "terabytes in float32");
    lab.figure(
      "convolution",
      rows.at(-1).convolution,
      "parameters of 64 filters of 3×3, whatever the picture's size",
    );
    lab.figure("refusal", refusal(512), "is what making the weights ends in");
    lab.drawing(
      "parameter-explosion",
      chart(
        [
          {
            name: "dense, as large as the input",
            points: rows.map((row, i) => [SIDES[i], row["hidden layer"]]),
            dots: true,
          },
          {
            name: "64 filters of 3×3",
            points: rows.map((row, i) => [SIDES[i], row.convolution]),
            dots: true,
          },
        ],
        {
          title: "Parameters of the first layer",
          x: { label: "side of the picture, pixels", log: true, ticks: SIDES },
          y: { label: "parameters", log: true, from: 100, to: 1e12, ticks: [100, 1e4, 1e6, 1e8, 1e10, 1e12] },
        },
      ),
    );
  },
  exercise: {
    question: "By what factor do the hidden layer's weights grow when the picture's side doubles?",
    answer: 16,
    why: "Four times as many inputs, and four times as many units: 4².",
    hint: "The weights are (3·side²)².",
  },
});
