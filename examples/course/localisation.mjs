// Where is it? (lecture A, "Computer Vision Tasks": localisation.)
//
// A network can give a box as it gives scores: four numbers, left, top, right, bottom. Two losses learn it: smooth L1 looks at each
// side by itself, generalised intersection over union (GIoU) at how far the two boxes cover each other. The pictures are drawn by a
// program: a disc, a bar or a triangle of any size at any place, before stripes and noise.
//
//   node examples/course/localisation.mjs [--epochs 12] [--out FOLDER] [--json] [--answer N]
import { paint } from "lanewise/inspect";
import { conv2d, dense, flatten, relu, sequential } from "lanewise/nn";
import { boxIou, compile, cosine, fromGenerator, generalizedIou, sgd, smoothL1 } from "lanewise/train";
import { COLORS, image, rect, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";
import { randomFrom } from "./shared/pictures.mjs";
import { planeFrom } from "./shared/planes.mjs";

const SIZE = 32;
const [TRAIN, TEST] = [1500, 300];
const [TRAIN_SEED, TEST_SEED] = [1, 2];

/** Whether a place, from the middle of a shape and in its half sides, lies in it. */
const INSIDE = [
  (x, y) => x * x + y * y < 1,
  (x, y) => Math.abs(x) < 1 && Math.abs(y) < 1,
  (x, y) => Math.abs(y) < 1 && Math.abs(x) < (1 + y) / 2,
];

/** Picture `index` of a seed and the box of its shape, in shares of the picture's side. */
function scene(seed, index) {
  const random = randomFrom(seed * 1e6 + index);
  // The first numbers of generators whose seeds lie close together are alike.
  for (let i = 0; i < 5; i++) random();
  const between = (from, to) => from + (to - from) * random();
  const inside = INSIDE[Math.floor(random() * INSIDE.length)];
  const [halfWidth, halfHeight] = [between(3, 9), between(3, 9)];
  const [x, y] = [between(halfWidth, SIZE - halfWidth), between(halfHeight, SIZE - halfHeight)];
  const [angle, wave, light] = [between(0, Math.PI), between(3, 7), between(0.5, 1)];
  const plane = planeFrom(SIZE, SIZE, (column, row) => {
    const [u, v] = [column + 0.5, row + 0.5];
    const stripe = 0.12 * Math.sin(((u * Math.cos(angle) + v * Math.sin(angle)) * 2 * Math.PI) / wave);
    const own = inside((u - x) / halfWidth, (v - y) / halfHeight) ? light : 0.2 + stripe;
    return own + 0.15 * (random() - 0.5);
  });
  const box = [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight].map((side) => side / SIZE);
  return { plane, box };
}

const scenes = (length, seed) =>
  fromGenerator({
    name: "shapes with boxes",
    length,
    inputDims: [1, SIZE, SIZE],
    labelDims: [4],
    sample: (index) => {
      const { plane, box } = scene(seed, index);
      return { x: plane.data, y: box };
    },
  });

/** Convolutions with strides, and dense layers that know where on the maps something was: a pool over all would not. */
const locator = () =>
  sequential({ input: [1, SIZE, SIZE], seed: 1 }, [
    ...[8, 16, 16].flatMap((filters) => [conv2d({ filters, kernelSize: 3, stride: 2, padding: 1 }), relu()]),
    flatten(),
    dense({ units: 48 }),
    relu(),
    dense({ units: 4 }),
  ]);

const LOSSES = { "smooth L1": smoothL1({ beta: 0.1 }), GIoU: generalizedIou() };
const METRICS = [boxIou(), boxIou({ atLeast: 0.5 })];

async function trained(loss, epochs) {
  const trainer = await compile(locator(), {
    loss,
    optimizer: sgd({ learningRate: cosine({ learningRate: 0.03 }), momentum: 0.9 }),
    clipNorm: 1,
    metrics: METRICS,
    seed: 1,
  });
  await trainer.fit(scenes(TRAIN, TRAIN_SEED), { epochs, batchSize: 32 });
  const scores = await trainer.evaluate(scenes(TEST, TEST_SEED));
  return { trainer, mean: scores["box IoU"], found: scores["box IoU of 0.5"] };
}

/** What one box for all pictures, the mean of the training set's, comes to. */
function baseline() {
  const boxes = Array.from({ length: TRAIN }, (_, i) => scene(TRAIN_SEED, i).box);
  const mean = [0, 1, 2, 3].map((side) => boxes.reduce((sum, box) => sum + box[side], 0) / TRAIN);
  const given = Array.from({ length: TEST }, (_, i) => scene(TEST_SEED, i).box);
  const [output, labels] = [given.map(() => mean), given].map((rows) => ({
    dtype: "float32",
    dims: [TEST, 4],
    data: Float32Array.from(rows.flat()),
  }));
  const [iou, found] = METRICS.map((metric) => {
    const run = metric.start();
    run.add(output, labels);
    return run.value();
  });
  return { mean: iou, found };
}

await experiment({
  title: "Localisation: a box around a shape",
  lecture: "A: Computer Vision Tasks",
  options: { epochs: { type: "string", default: "12" } },
  async run(lab, { epochs }) {
    const always = baseline();
    const rows = [{ network: "one box for all", "mean IoU": always.mean, "found (IoU ≥ 0.5)": always.found }];
    lab.figure("baseline", always.mean, "mean IoU of the mean box, whatever the picture");
    let best;
    for (const [name, loss] of Object.entries(LOSSES)) {
      const { trainer, mean, found } = await trained(loss, Number(epochs));
      rows.push({ network: name, "mean IoU": mean, "found (IoU ≥ 0.5)": found });
      const key = name === "GIoU" ? "giou" : "smoothL1";
      lab.figure(key, mean, `mean IoU on pictures not trained on, by ${name}`);
      lab.figure(`${key}Found`, found, `of the boxes have an IoU of at least 0.5, by ${name}`);
      if (best !== undefined) best.trainer.release();
      best = { trainer };
    }
    lab.table("losses", "On 300 pictures", rows);
    lab.drawing("localisation", drawing(best.trainer));
    best.trainer.release();
  },
  exercise: {
    question: "Two boxes of 10 by 10 pixels, one 5 pixels to the right of the other: what is their IoU?",
    answer: 1 / 3,
    why: "They share 50 of 150 pixels.",
    hint: "What they share over what either covers: not 1/2.",
  },
});

/** Pictures with the box that was drawn and the one that was found. */
function drawing(trainer) {
  const [columns, side, gap] = [6, 110, 12];
  const pictures = Array.from({ length: 12 }, (_, i) => scene(TEST_SEED, i));
  const panels = pictures.map(({ plane, box }, i) => {
    const x = { dtype: "float32", dims: [1, 1, SIZE, SIZE], data: plane.data };
    const [left, top] = [gap + (i % columns) * (side + gap), 40 + Math.floor(i / columns) * (side + gap)];
    const frame = ([x0, y0, x1, y1], stroke) =>
      rect(left + x0 * side, top + y0 * side, (x1 - x0) * side, (y1 - y0) * side, { stroke, thick: 2 });
    return [
      image(left, top, side, side, paint(plane)),
      frame(box, COLORS[2]),
      frame([...trainer.predict(x).data], COLORS[1]),
    ];
  });
  return svg(gap + columns * (side + gap), 40 + 2 * (side + gap), [
    text(gap, 24, "the box that was drawn", { color: COLORS[2], bold: true }),
    text(gap + 180, 24, "the box that was found (GIoU)", { color: COLORS[1], bold: true }),
    panels,
  ]);
}
