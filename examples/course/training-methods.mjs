// Training methods that the state of the art is named after, in small (lecture C, "State of the art": AutoAugment, FixRes, SSL, WSL,
// Noisy Student, SAM, Meta Pseudo Labels).
//
// LeNet-5 has sixty labelled digits, six of each, and a thousand without labels. What else can be got out of them? ImageNet and
// networks of hundreds of millions of weights are not within reach of a machine of this size, and neither are the figures of the
// table: what is shown is what each method does.
//
//   node examples/course/training-methods.mjs [--mnist FOLDER] [--seed 1] [--out FOLDER] [--json] [--answer N]
import { Tensor } from "lanewise";
import { rowsOf } from "lanewise/inspect";
import {
  conv2d,
  dense,
  dropout,
  flatten,
  globalAveragePool2d,
  maxPool2d,
  relu,
  sequential,
} from "lanewise/nn";
import {
  adam,
  augment,
  digits,
  exportNetwork,
  freeze,
  fromArrays,
  inMemory,
  networkFromModel,
  sam,
  softAccuracy,
  softCrossEntropy,
  subset,
} from "lanewise/train";
import { ofClasses } from "./shared/class-sets.mjs";
import { COLORS, rect, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";
import { metaPseudoLabels } from "./shared/meta-pseudo-labels.mjs";
import { randomFrom } from "./shared/pictures.mjs";
import { DIGIT_OPTIONS, digitSets, lenet, trained } from "./shared/training.mjs";

const CLASSES = 10;
const [LABELLED, UNLABELLED, EPOCHS] = [6, 1000, 40];
const META_STEPS = 200;
const DISTORTIONS = { shift: 2, rotate: 12, scale: 0.15 };

/** LeNet-5 whose dense layers drop half of their units in training: the student's own noise. */
const noisyLenet = (seed) =>
  sequential({ input: [1, 28, 28], name: "student", seed }, [
    conv2d({ filters: 6, kernelSize: 5, padding: 2 }),
    relu(),
    maxPool2d({ kernelSize: 2 }),
    conv2d({ filters: 16, kernelSize: 5 }),
    relu(),
    maxPool2d({ kernelSize: 2 }),
    flatten(),
    dense({ units: 120 }),
    relu(),
    dropout({ rate: 0.3 }),
    dense({ units: CLASSES }),
  ]);

/** Pictures with other labels: classes, or for each a share of every class. */
async function relabelled(data, labels, classes) {
  const { rows } = await rowsOf(data);
  const x = Float32Array.from(rows.flatMap((row) => [...row]));
  const labelDims = classes === undefined ? [CLASSES] : [];
  return fromArrays({
    name: "relabelled",
    x,
    y: labels,
    labelDims,
    inputDims: data.inputDims,
    ...(classes !== undefined && { classes }),
  });
}

/** What a trained network says of each picture: a share for each class. */
async function sharesOf(trainer, data) {
  const { rows } = await rowsOf(data);
  const x = Float32Array.from(rows.flatMap((row) => [...row]));
  const scores = trainer.predict(new Tensor("float32", x, [rows.length, ...data.inputDims])).data;
  return rows.flatMap((_, i) => {
    const own = [...scores.subarray(i * CLASSES, (i + 1) * CLASSES)];
    const most = Math.max(...own);
    const powers = own.map((score) => Math.exp(score - most));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  });
}

const likeliest = (shares) =>
  Array.from({ length: shares.length / CLASSES }, (_, i) => {
    const own = shares.slice(i * CLASSES, (i + 1) * CLASSES);
    return own.indexOf(Math.max(...own));
  });

/** Per cent of a data set that a network gets wrong, whatever labels it has learnt from. */
async function wrongOf(trainer, data) {
  const { labels } = await rowsOf(data);
  const said = likeliest(await sharesOf(trainer, data));
  return (100 * said.filter((label, i) => label !== labels[i]).length) / labels.length;
}

const gently = () => adam({ learningRate: 0.0005 });

/** The methods: each gives a network. `few` have labels, `many` have none; `truth` are those that they would have. */
const METHODS = {
  "labels alone": ({ teacher }) => teacher,

  /** Steps by the gradient where, within a small distance, the loss is worst. */
  SAM: ({ few, seed }) =>
    trained(lenet(seed), few, {
      epochs: EPOCHS,
      seed,
      optimizer: sam({ optimizer: adam({ learningRate: 0.002 }), rho: 0.1 }),
    }),

  /** Tries distortions on half of the labelled digits, and distorts all in the way that was best for the other half. */
  async AutoAugment({ few, seed }) {
    const all = Array.from({ length: CLASSES }, (_, label) => label);
    const [half, rest] = [
      await ofClasses(few, all, LABELLED / 2),
      await ofClasses(few, all, LABELLED / 2, LABELLED / 2),
    ];
    const learnt = (data, policy) =>
      trained(lenet(seed), augment(data, { ...policy, seed }), { epochs: EPOCHS, seed });
    const found = [];
    for (const policy of [{ shift: 2 }, { rotate: 12 }, { rotate: 45 }, { scale: 0.15 }, DISTORTIONS])
      found.push({ policy, wrong: await wrongOf(await learnt(half, policy), rest) });
    return learnt(few, found.reduce((best, one) => (one.wrong < best.wrong ? one : best)).policy);
  },

  /** Learns from pictures whose tags are wrong four times in ten, then from the few that are right. */
  async WSL({ few, many, truth, seed }) {
    const draw = randomFrom(seed + 100);
    const tags = truth.map((label) => (draw() < 0.4 ? Math.floor(CLASSES * draw()) : label));
    const first = await trained(lenet(seed), await relabelled(many, tags, CLASSES), { epochs: 5, seed });
    return trained(first.network(), few, { epochs: 10, seed, optimizer: gently() });
  },

  /** Learns what a teacher takes pictures without labels for, then from the few labels. */
  async SSL({ few, many, teacher, seed }) {
    const taken = await relabelled(many, likeliest(await sharesOf(teacher, many)), CLASSES);
    const first = await trained(lenet(seed), taken, { epochs: 5, seed });
    return trained(first.network(), few, { epochs: 10, seed, optimizer: gently() });
  },

  /** Learns a teacher's doubts, too, under noise that the teacher did not have: distorted pictures, dropped units. */
  async "Noisy Student"({ many, teacher, seed }) {
    const soft = await relabelled(many, await sharesOf(teacher, many));
    return trained(noisyLenet(seed), augment(soft, { ...DISTORTIONS, seed }), {
      epochs: 15,
      seed,
      loss: softCrossEntropy(),
      metrics: [softAccuracy()],
    });
  },

  /** The teacher learns from whether what it said has helped the student on labelled digits; the student then from these. */
  async "Meta Pseudo Labels"({ few, many, teacher, seed }) {
    const { rows, labels } = await rowsOf(few);
    const student = await metaPseudoLabels({
      teacher: teacher.network(),
      student: lenet(seed + 1),
      few: rows,
      labels,
      many: (await rowsOf(many)).rows,
      dims: few.inputDims,
      classes: CLASSES,
      steps: META_STEPS,
      seed,
    });
    return trained(student, few, { epochs: 10, seed, optimizer: gently() });
  },
};

/** Small pictures train a network, larger ones test it; its dense layer is then fitted to the larger ones. */
async function fixResolution(seed) {
  const [SMALL, LARGE] = [20, 28];
  const written = (count, size, from) => inMemory(digits({ count, size, seed: from }));
  const network = sequential({ input: [1, SMALL, SMALL], name: "any size", seed }, [
    conv2d({ filters: 12, kernelSize: 3, padding: 1 }),
    relu(),
    maxPool2d({ kernelSize: 2 }),
    conv2d({ filters: 24, kernelSize: 3, padding: 1 }),
    relu(),
    conv2d({ filters: 24, kernelSize: 3, padding: 1 }),
    relu(),
    globalAveragePool2d(),
    flatten(),
    dense({ name: "classes", units: CLASSES }),
  ]);
  const trainer = await trained(network, await written(2000, SMALL, 1), { epochs: 8, seed });
  const [small, large] = [await written(1000, SMALL, 2), await written(1000, LARGE, 2)];
  const opened = networkFromModel(exportNetwork(trainer.network()), { inputDims: [1, LARGE, LARGE] });
  const asIs = await trained(opened, await written(100, LARGE, 3), {
    epochs: 1,
    seed,
    learningRates: () => 0,
  });
  const fixed = await trained(
    freeze(opened, (name) => !name.startsWith("classes")),
    await written(500, LARGE, 3),
    { epochs: 8, seed },
  );
  return {
    "trained and tested at 20×20": await wrongOf(trainer, small),
    "trained at 20×20, tested at 28×28": await wrongOf(asIs, large),
    "its dense layer fitted at 28×28": await wrongOf(fixed, large),
  };
}

await experiment({
  title: "Training methods of the state of the art, in small",
  lecture: "C: State of the art",
  options: DIGIT_OPTIONS,
  async run(lab, values) {
    const seed = Number(values.seed);
    const { train, test } = await digitSets({ folder: values.mnist, samples: 4000, tests: 1000 });
    const all = Array.from({ length: CLASSES }, (_, label) => label);
    const few = await ofClasses(train, all, LABELLED);
    const many = subset(train, train.length - UNLABELLED, train.length);
    const { labels: truth } = await rowsOf(many);
    const teacher = await trained(lenet(seed), few, { epochs: EPOCHS, seed });
    const given = { few, many, truth, teacher, seed };
    const rows = [];
    for (const [method, learn] of Object.entries(METHODS))
      rows.push({ method, "error, %": await wrongOf(await learn(given), test) });
    lab.table("methods", `${CLASSES * LABELLED} labelled digits, ${UNLABELLED} without labels`, rows);
    const sizes = await fixResolution(seed);
    lab.table(
      "sizes",
      "FixRes: pictures larger than those that a network has learnt from",
      Object.entries(sizes).map(([what, error]) => ({ what, "error, %": error })),
    );
    lab.drawing("training-methods", bars(rows));
  },
  exercise: {
    question:
      "A student learns from shares (0.5, 0.5, 0) and says (0.5, 0.25, 0.25). What is the cross-entropy, in bits?",
    answer: 1.5,
    why: "0.5 · log₂ 2 + 0.5 · log₂ 4.",
    hint: "The sum over classes of the share that is to be, times −log₂ of the share that is said.",
  },
});

/** Errors as bars. */
function bars(rows) {
  const most = Math.max(...rows.map((row) => row["error, %"]));
  return svg(
    460,
    30 * rows.length + 16,
    rows.map((row, i) => {
      const [top, error] = [8 + 30 * i, row["error, %"]];
      return [
        text(120, top + 19, row.method, { anchor: "end" }),
        rect(128, top + 4, (270 * error) / most, 22, { fill: COLORS[0] }),
        text(136 + (270 * error) / most, top + 19, `${error.toFixed(1)} %`),
      ];
    }),
  );
}
