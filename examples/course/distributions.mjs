// What a network's values look like before it has learnt, and after (lecture C, "Inside the CNN": distributions of activations).
//
// He's initialisation keeps the spread of what layers give about the same from layer to layer, so that a gradient comes through.
// Learning lets it grow with every layer: the classes' scores spread out as classes part. Rectifiers stay silent half of the time.
//
//   node examples/course/distributions.mjs [--mnist FOLDER] [--samples N] [--epochs N] [--seed 1] [--out FOLDER] [--json] [--answer N]
import { Tensor } from "lanewise";
import { activationHistograms, histogramChart, rowsOf } from "lanewise/inspect";
import { subset } from "lanewise/train";
import { experiment } from "./shared/experiment.mjs";
import { DIGIT_OPTIONS, digitSets, errorOf, lenet, trained } from "./shared/training.mjs";

/** Convolutions, dense layers and rectifiers: what they give, for a batch of digits. */
async function layersOf(network, batch) {
  const values = network.graph.nodes
    .filter(({ op }) => ["Conv", "Gemm", "Relu"].includes(op))
    .map(({ outputs }) => outputs[0]);
  return activationHistograms(network, batch, { values, bins: 20 });
}

await experiment({
  title: "Activations before and after learning",
  lecture: "C: Inside the CNN",
  options: DIGIT_OPTIONS,
  async run(lab, values) {
    const { mnist: folder, samples = "2000", epochs = "4" } = values;
    const seed = Number(values.seed);
    const { train, test } = await digitSets({ folder, samples: Number(samples) });
    const { rows } = await rowsOf(subset(test, 0, 200));
    const batch = new Tensor("float32", Float32Array.from(rows.flatMap((row) => [...row])), [200, 1, 28, 28]);
    const network = lenet(seed);
    const before = await layersOf(network, batch);
    const trainer = await trained(network, train, { epochs: Number(epochs), seed });
    const after = await layersOf(trainer.network(), batch);
    lab.figure("error", await errorOf(trainer, test), "% error after learning");
    lab.table(
      "layers",
      "Standard deviations and shares of zeros",
      before.map(({ name, std, zeros }, i) => ({
        value: name,
        "before: std": std,
        "after: std": after[i].std,
        "before: zeros, %": 100 * zeros,
        "after: zeros, %": 100 * after[i].zeros,
      })),
    );
    lab.figure("scores", after.at(-1).std / before.at(-1).std, "times as far do the classes' scores spread");
    const shown = [...before.filter(({ op }) => op !== "Relu"), ...after.filter(({ op }) => op !== "Relu")];
    lab.drawing(
      "distributions",
      histogramChart(shown, {
        columns: 5,
        title: "Above: before learning. Below: after. Two convolutions, three dense layers",
      }),
    );
  },
  exercise: {
    question: "Values are normally distributed around 0. What per cent of them are 0 behind a rectifier?",
    answer: 50,
    why: "Half lie below 0, as the table shows for most rectifiers, before and after learning.",
    hint: "How many lie below 0?",
  },
});
