// The size to test at (lecture C, "State of the art": FixRes; Touvron et al. 2019, arXiv:1906.06423).
//
// Networks are trained on random parts of pictures, enlarged to the size that they take, and tested on whole pictures of that size:
// what they are shown there is smaller than what they learnt. A network that ends in a mean over all places takes any size, so it can
// be tested at a larger one, where things are as large as in training; then its last layer alone goes on learning at that size.
//
//   node examples/course/fixres.mjs [--epochs 8] [--out FOLDER] [--json] [--answer N]
import { rowsOf } from "lanewise/inspect";
import { conv2d, dense, flatten, globalAveragePool2d, maxPool2d, relu, sequential } from "lanewise/nn";
import {
  accuracy,
  adam,
  compile,
  cosine,
  digits,
  exportNetwork,
  freeze,
  fromGenerator,
  networkFromModel,
  softmaxCrossEntropy,
} from "lanewise/train";
import { chart } from "./shared/chart.mjs";
import { experiment } from "./shared/experiment.mjs";
import { randomFrom } from "./shared/pictures.mjs";
import { at, planeFrom } from "./shared/planes.mjs";

const [TRAINED, WHOLE] = [24, 48];
const SIZES = [16, 20, 24, 28, 32, 36, 40, 48];
const [TRAIN, TEST] = [1200, 500];
/** Sides of the parts that are shown in training, in shares of the picture's. */
const [LEAST, MOST] = [0.5, 0.9];

/** A square part of a plane as a plane of another size, by bilinear sampling. */
function part(plane, left, top, side, size) {
  return planeFrom(size, size, (column, row) => {
    const [x, y] = [left + ((column + 0.5) * side) / size - 0.5, top + ((row + 0.5) * side) / size - 0.5];
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const between = (row0) => at(plane, x0, row0) * (x0 + 1 - x) + at(plane, x0 + 1, row0) * (x - x0);
    return between(y0) * (y0 + 1 - y) + between(y0 + 1) * (y - y0);
  });
}

/** Random parts of digits, enlarged or reduced to the size of training. */
async function parts() {
  const { rows, labels } = await rowsOf(digits({ count: TRAIN, seed: 1, size: WHOLE }));
  return fromGenerator({
    name: "parts of digits",
    length: TRAIN,
    inputDims: [1, TRAINED, TRAINED],
    classes: 10,
    sample(index, epoch) {
      const random = randomFrom((epoch * TRAIN + index) * 2654435761);
      const side = WHOLE * (LEAST + (MOST - LEAST) * random());
      const [left, top] = [random(), random()].map((share) => share * (WHOLE - side));
      const plane = { data: rows[index], width: WHOLE, height: WHOLE };
      return { x: part(plane, left, top, side, TRAINED).data, y: labels[index] };
    },
  });
}

const classifier = () =>
  sequential({ input: [1, TRAINED, TRAINED], seed: 1 }, [
    ...[12, 24, 48].flatMap((filters, i) => [
      conv2d({ filters, kernelSize: 3, padding: 1 }),
      relu(),
      ...(i < 2 ? [maxPool2d({ kernelSize: 2 })] : []),
    ]),
    globalAveragePool2d(),
    flatten(),
    dense({ name: "classes", units: 10 }),
  ]);

const optionsOf = (learningRate) => ({
  optimizer: adam({ learningRate: cosine({ learningRate }) }),
  loss: softmaxCrossEntropy(),
  metrics: [accuracy()],
  seed: 1,
});

/** The same digits at any size: they are drawn, not enlarged. The size is chosen on other ones than those of the test. */
const [VALIDATION_SEED, TEST_SEED] = [3, 2];
const wholeAt = (size, seed) => digits({ count: TEST, seed, size });

async function scored(network, data) {
  const trainer = await compile(network, optionsOf(0));
  const { accuracy: score } = await trainer.evaluate(data);
  trainer.release();
  return score;
}

await experiment({
  title: "FixRes: larger pictures in the test than in training",
  lecture: "C: State of the art",
  options: { epochs: { type: "string", default: "10" } },
  async run(lab, { epochs }) {
    const trainer = await compile(classifier(), optionsOf(0.005));
    await trainer.fit(await parts(), { epochs: Number(epochs), batchSize: 32 });
    const model = exportNetwork(trainer.network());
    trainer.release();
    const sized = (size) => networkFromModel(model, { inputDims: [1, size, size] });
    const scores = [];
    for (const size of SIZES) scores.push(await scored(sized(size), wholeAt(size, VALIDATION_SEED)));
    const best = SIZES[scores.indexOf(Math.max(...scores))];
    const test = (network, size) => scored(network, wholeAt(size, TEST_SEED));
    const [same, better] = [await test(sized(TRAINED), TRAINED), await test(sized(best), best)];
    lab.figure("trained", TRAINED, "pixels is the side of pictures in training");
    lab.figure("same", same, "accuracy on whole pictures of that size, on the test set");
    lab.figure("best", best, "pixels is the side at which whole pictures are told apart best");
    lab.figure("better", better, "accuracy at that size, nothing learnt since");

    const last = freeze(sized(best), (name) => !name.startsWith("classes"));
    const tuning = await compile(last, optionsOf(0.003));
    await tuning.fit(digits({ count: TRAIN, seed: 1, size: best }), { epochs: 2, batchSize: 32 });
    const tuned = await test(tuning.network(), best);
    tuning.release();
    lab.figure("tuned", tuned, "accuracy there once the last layer has learnt from pictures of that size");
    lab.table(
      "sizes",
      `${TEST} digits to choose the size on`,
      SIZES.map((size, i) => ({ "side of pictures": size, accuracy: scores[i] })),
    );
    lab.drawing(
      "fixres",
      chart(
        [
          { name: "as trained", points: SIZES.map((size, i) => [size, 100 * scores[i]]), dots: true },
          { name: "last layer tuned", points: [[best, 100 * tuned]], dots: true },
        ],
        {
          title: `Trained on parts at ${TRAINED} pixels`,
          x: { label: "side of the pictures in the test, pixels" },
          y: { label: "accuracy, %" },
        },
      ),
    );
  },
  exercise: {
    question: `A part of ${LEAST * 100} to ${MOST * 100} % of a picture's side becomes ${TRAINED} pixels. At what side is a whole picture drawn as large as a part of 60 %?`,
    answer: TRAINED / 0.6,
    why: "24 pixels are 60 % of 40.",
    hint: "The part is 0.6 of the side, and 24 pixels.",
  },
});
