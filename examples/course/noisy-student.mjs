// A student that outgrows its teacher (lecture C, "State of the art": Noisy Student; Xie et al. 2019, arXiv:1911.04252).
//
// A teacher learns from few digits with labels. It says of many digits without labels how likely each class is. A student learns
// from both, the latter's labels soft as they were said, and with noise that the teacher had not: dropout and RandAugment. Then the
// student is the teacher of the next one. The same student on the few labels alone, as noisy, shows what the others were worth.
//
//   node examples/course/noisy-student.mjs [--labelled 50] [--unlabelled 1500] [--out FOLDER] [--json] [--answer N]
import { rowsOf } from "lanewise/inspect";
import { conv2d, dense, dropout, flatten, maxPool2d, relu, sequential } from "lanewise/nn";
import {
  adam,
  compile,
  cosine,
  digits,
  fromArrays,
  randAugment,
  softAccuracy,
  softCrossEntropy,
} from "lanewise/train";
import { chart } from "./shared/chart.mjs";
import { experiment } from "./shared/experiment.mjs";

const CLASSES = 10;
const PIXELS = 28 * 28;
const TEST = 1000;
const GENERATIONS = 2;

/** Noise for digits: where they lie, not what is ink. */
const NOISE = ["shearX", "shearY", "translateX", "translateY", "rotate", "contrast"];

/** Two convolutions; a student drops some of what it sees. */
const network = (filters, noise) =>
  sequential({ input: [1, 28, 28], seed: 1 }, [
    conv2d({ filters, kernelSize: 5 }),
    relu(),
    maxPool2d({ kernelSize: 2 }),
    conv2d({ filters: 2 * filters, kernelSize: 3 }),
    relu(),
    maxPool2d({ kernelSize: 2 }),
    flatten(),
    ...(noise ? [dropout({ rate: 0.3 })] : []),
    dense({ units: CLASSES }),
  ]);

/** Pictures one after another with a probability for each class. */
const taught = (x, y) => fromArrays({ x, y, inputDims: [1, 28, 28], labelDims: [CLASSES] });

/** Digits by a seed: their pixels, and 1 for each one's class. */
async function digitsOf(count, seed) {
  const { rows, labels } = await rowsOf(digits({ count, seed }));
  const y = new Float32Array(count * CLASSES);
  labels.forEach((label, i) => {
    y[i * CLASSES + label] = 1;
  });
  return { x: Float32Array.from(rows.flatMap((row) => [...row])), y };
}

async function learned(start, data, steps) {
  const batchSize = 50;
  const trainer = await compile(start, {
    optimizer: adam({ learningRate: cosine({ learningRate: 0.003 }) }),
    loss: softCrossEntropy(),
    metrics: [softAccuracy()],
    seed: 1,
  });
  const epochs = Math.max(1, Math.round((steps * batchSize) / data.length));
  await trainer.fit(data, { epochs, batchSize });
  return trainer;
}

/** The softmax of what a trainer's network says of pictures, without noise. */
function saidOf(trainer, x) {
  const count = x.length / PIXELS;
  const scores = trainer.predict({ dtype: "float32", dims: [count, 1, 28, 28], data: x }).data;
  const y = new Float32Array(scores.length);
  for (let from = 0; from < y.length; from += CLASSES) {
    const row = scores.subarray(from, from + CLASSES);
    const most = Math.max(...row);
    const sum = row.reduce((total, score) => total + Math.exp(score - most), 0);
    row.forEach((score, c) => {
      y[from + c] = Math.exp(score - most) / sum;
    });
  }
  return y;
}

const joined = (a, b) => {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

await experiment({
  title: "Noisy Student: labels from a teacher, noise for the student",
  lecture: "C: State of the art",
  options: {
    labelled: { type: "string", default: "50" },
    unlabelled: { type: "string", default: "1500" },
    steps: { type: "string", default: "300" },
  },
  async run(lab, values) {
    const [few, many, steps] = [values.labelled, values.unlabelled, values.steps].map(Number);
    const own = await digitsOf(few, 1);
    const others = await digitsOf(many, 2);
    const hidden = await digitsOf(TEST, 3);
    const test = taught(hidden.x, hidden.y);
    const noisy = (data) => randAugment(data, { count: 2, magnitude: 5, operations: NOISE, seed: 4 });
    const scoreOf = async (trainer) => (await trainer.evaluate(test)).accuracy;

    let teacher = await learned(network(8, false), taught(own.x, own.y), steps / 2);
    const accuracies = [await scoreOf(teacher)];
    lab.figure("teacher", accuracies[0], `accuracy of the teacher, who saw ${few} labels`);
    const alone = await learned(network(12, true), noisy(taught(own.x, own.y)), steps);
    const aloneScore = await scoreOf(alone);
    alone.release();
    lab.figure("alone", aloneScore, "accuracy of the student on those labels alone, with the same noise");
    for (let generation = 1; generation <= GENERATIONS; generation++) {
      const said = saidOf(teacher, others.x);
      if (generation === 1)
        lab.figure("said", share(said, others.y), "of the digits without labels the teacher is right about");
      teacher.release();
      const all = taught(joined(own.x, others.x), joined(own.y, said));
      teacher = await learned(network(12, true), noisy(all), steps);
      accuracies.push(await scoreOf(teacher));
      lab.figure(`student${generation}`, accuracies.at(-1), `accuracy of student ${generation}`);
    }
    teacher.release();
    lab.table("generations", `On ${TEST} digits`, [
      { network: "teacher", accuracy: accuracies[0] },
      { network: "student without the others", accuracy: aloneScore },
      ...accuracies.slice(1).map((accuracy, i) => ({ network: `student ${i + 1}`, accuracy })),
    ]);
    lab.drawing(
      "noisy-student",
      chart(
        [
          { name: "teacher, students", points: accuracies.map((score, i) => [i, 100 * score]), dots: true },
          { name: "labels alone", points: accuracies.map((_, i) => [i, 100 * aloneScore]) },
        ],
        {
          title: `${few} labels and ${many} digits without`,
          x: { label: "generation", ticks: Array.from({ length: GENERATIONS + 1 }, (_, i) => i) },
          y: { label: "accuracy on the test set, %" },
        },
      ),
    );
  },
  exercise: {
    question:
      "What is the cross-entropy, in nats, of a student who says 0.5 and 0.5 where the teacher says 0.9 and 0.1?",
    answer: Math.log(2),
    why: "−0.9·ln 0.5 − 0.1·ln 0.5 = ln 2, whatever the teacher says.",
    hint: "Sum −p·ln q over the two classes.",
  },
});

/** The share of rows whose largest number stands at the same place. */
function share(a, b) {
  const best = (rows, n) => {
    const row = rows.subarray(n * CLASSES, (n + 1) * CLASSES);
    return row.indexOf(Math.max(...row));
  };
  const count = a.length / CLASSES;
  return Array.from({ length: count }, (_, n) => best(a, n) === best(b, n)).filter(Boolean).length / count;
}
