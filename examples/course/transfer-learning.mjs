// What a network has learnt of some digits helps with others (lecture A, "Transfer Learning").
//
// LeNet-5 learns the digits 0 to 4 from many samples and becomes an ONNX file. For 5 to 9 there are few, turned, moved and stretched.
// On a handful, a new head on what the file's convolutions give is better than a network that begins from nothing; with more
// samples one trains all layers on, those of the file at a tenth of the head's learning rate.
//
//   node examples/course/transfer-learning.mjs [--mnist FOLDER] [--samples N] [--epochs N] [--seed 1] [--out FOLDER] [--json]
//     [--answer N]
import {
  augment,
  cutNetwork,
  denseHead,
  exportNetwork,
  featuresOf,
  inMemory,
  join,
  networkFromModel,
  opsetOf,
  unfreeze,
} from "lanewise/train";
import { chart } from "./shared/chart.mjs";
import { ofClasses } from "./shared/class-sets.mjs";
import { experiment } from "./shared/experiment.mjs";
import { DIGIT_OPTIONS, digitSets, errorOf, lenet, trained } from "./shared/training.mjs";

const [KNOWN, NEW] = [
  [0, 1, 2, 3, 4],
  [5, 6, 7, 8, 9],
];
/** Samples of each new class. */
const COUNTS = [2, 5, 20, 80];
/** Updates that each training on few samples has, and samples an update. */
const [UPDATES, BATCH] = [200, 10];
/** How often each number of samples is drawn. */
const ROUNDS = 3;
/** All weights but the head's change by a tenth. */
const SLOWLY = { "head.*": 1, "*": 0.1 };
/** What the backbone's convolutions give: 16 maps of 5×5. */
const UNITS = 400;

/** Each digit turned, moved and stretched, once: what a network must learn to overlook, whichever digits it knows. */
const distorted = (data) => inMemory(augment(data, { rotate: 25, shift: 3, scale: 0.2 }));

const epochsFor = ({ length }) => Math.ceil((UPDATES * BATCH) / length);

/** What the dense layers of a network read: convolutions see what all digits are made of, dense layers their own digits. */
const featuresName = ({ graph }) => graph.nodes.find(({ op }) => op === "Flatten").outputs[0];

/** Three networks that learn new classes from a data set: per cent that each gets wrong. */
async function errorsOn(few, test, backbone, seed) {
  const settings = { epochs: epochsFor(few), batchSize: BATCH, seed };
  const head = denseHead(UNITS, { classes: NEW.length, seed, opset: opsetOf(backbone.graph) });
  const features = await featuresOf(backbone, few);
  const onFeatures = await trained(head, features, settings);
  const whole = join(backbone, onFeatures.network());
  const all = await trained(whole, few, { ...settings, learningRates: SLOWLY });
  const scratch = await trained(lenet(seed, NEW.length), few, settings);
  const errors = {
    head: await errorOf(onFeatures, await featuresOf(backbone, test)),
    layers: await errorOf(all, test),
    scratch: await errorOf(scratch, test),
  };
  for (const trainer of [onFeatures, all, scratch]) trainer.release();
  return errors;
}

await experiment({
  title: "Transfer learning",
  lecture: "A: Transfer Learning",
  options: DIGIT_OPTIONS,
  async run(lab, values) {
    const { mnist: folder, samples = "4000", epochs = "4" } = values;
    const seed = Number(values.seed);
    const sets = await digitSets({ folder, samples: Number(samples) });
    const [train, test] = [await distorted(sets.train), await distorted(sets.test)];
    const first = await trained(lenet(seed, KNOWN.length), await ofClasses(train, KNOWN), {
      epochs: Number(epochs),
      seed,
    });
    lab.figure(
      "known",
      await errorOf(first, await ofClasses(test, KNOWN)),
      "% error of the backbone on 0 to 4",
    );
    const file = networkFromModel(exportNetwork(first.network()));
    first.release();
    // What is cut out has nothing to train before one says so.
    const backbone = unfreeze(cutNetwork(file.graph, featuresName(file)), () => true);
    const held = await ofClasses(test, NEW);
    const rows = [];
    for (const count of COUNTS) {
      const rounds = [];
      for (let round = 0; round < ROUNDS; round++) {
        const few = await ofClasses(train, NEW, count, round * count);
        rounds.push(await errorsOn(few, held, backbone, seed));
      }
      const mean = (key) => rounds.reduce((sum, errors) => sum + errors[key], 0) / ROUNDS;
      rows.push({
        "samples a class": count,
        head: mean("head"),
        layers: mean("layers"),
        scratch: mean("scratch"),
      });
    }
    lab.table("errors", "Error on 5 to 9, %: a new head, all layers from the file on, from scratch", rows);
    const curve = (name, key) => ({
      name,
      dots: true,
      points: rows.map((row) => [row["samples a class"], row[key]]),
    });
    lab.drawing(
      "transfer-learning",
      chart(
        [
          curve("from scratch", "scratch"),
          curve("a new head", "head"),
          curve("all layers, from the file on", "layers"),
        ],
        {
          title: "New digits by a backbone that knows others",
          x: { label: "samples of each new digit", log: true, ticks: COUNTS },
          y: { label: "error, %", from: 0 },
        },
      ),
    );
  },
  exercise: {
    question: "The backbone gives 400 features. How many weights does a new head for five classes learn?",
    answer: 2005,
    why: "400 · 5 weights and 5 biases, where LeNet-5 has 61,281 for five classes.",
    hint: "A dense layer has a weight for each feature and class, and a bias for each class.",
  },
});
