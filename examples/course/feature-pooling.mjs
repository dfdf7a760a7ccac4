// L2 pooling over features (lecture B, "Pooling Layers: Examples").
//
// Pools need not go over places. Two of Gabor's filters a quarter of a wave apart answer to a grating by where its crests lie; the
// L2 pool over the two, √(a² + b²), answers to its orientation alone: a complex cell of the visual cortex. Over filters of several
// orientations it would forget the orientation as well.
//
//   node examples/course/feature-pooling.mjs [--out FOLDER] [--json] [--answer N]
import { Tensor } from "lanewise";
import { paint } from "lanewise/inspect";
import { lpPoolFeatures, sequential } from "lanewise/nn";
import { chart } from "./shared/chart.mjs";
import { experiment } from "./shared/experiment.mjs";
import { gabor, withoutMean } from "./shared/filters.mjs";
import { fixedConv2d, outputOf } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { planeFrom } from "./shared/planes.mjs";

const SIZE = 31;
const WAVELENGTH = 8;
const PAIR = [0, Math.PI / 2].map((phase) =>
  withoutMean(gabor(SIZE, { wavelength: WAVELENGTH, theta: 0, phase, sigma: 5, gamma: 1 })),
);

/** Stripes of the filters' wavelength across `theta`, their crests moved by a phase. */
const grating = (theta, phase) =>
  planeFrom(SIZE, SIZE, (x, y) => {
    const along = (x - SIZE / 2) * Math.cos(theta) + (y - SIZE / 2) * Math.sin(theta);
    return 0.5 + 0.5 * Math.cos((2 * Math.PI * along) / WAVELENGTH + phase);
  });

const PHASES = Array.from({ length: 25 }, (_, i) => i * 15);
const ANGLES = Array.from({ length: 19 }, (_, i) => i * 10);
const radians = (degrees) => (degrees * Math.PI) / 180;

const simple = fixedConv2d(
  PAIR.flatMap(({ data }) => [...data]),
  { filters: 2, kernelSize: SIZE },
);
const simpleCells = sequential({ input: [1, SIZE, SIZE] }, [simple]);
const complexCell = sequential({ input: [1, SIZE, SIZE] }, [simple, lpPoolFeatures({ size: 2 })]);

/** A network's answers to each of some pictures of its own size, a row a picture. */
async function answers(network, pictures) {
  const data = Float32Array.from(pictures.flatMap((picture) => [...picture.data]));
  const { data: all, dims } = await outputOf(
    network,
    new Tensor("float32", data, [pictures.length, 1, SIZE, SIZE]),
  );
  return pictures.map((_, i) => [...all.subarray(i * dims[1], (i + 1) * dims[1])]);
}

/** How much numbers swing about their mean: half of the difference of greatest and least, by the mean of their sizes. */
const swing = (numbers) =>
  (Math.max(...numbers) - Math.min(...numbers)) /
  2 /
  (numbers.reduce((sum, v) => sum + Math.abs(v), 0) / numbers.length);

await experiment({
  title: "L2 pooling over features",
  lecture: "B: Pooling Layers: Examples",
  async run(lab) {
    const moving = PHASES.map((phase) => grating(0, radians(phase)));
    const turning = ANGLES.map((angle) => grating(radians(angle), 0));
    const cells = await answers(simpleCells, moving);
    const pooled = (await answers(complexCell, moving)).flat();
    const turned = (await answers(complexCell, turning)).flat();
    const [first, second] = [0, 1].map((cell) => cells.map((row) => row[cell]));
    lab.figure(
      "simpleSwing",
      swing(first),
      "swing of a simple cell's answer as the grating moves, by its mean size",
    );
    lab.figure("complexSwing", swing(pooled), "of the L2 pool's");
    lab.figure("across", turned[9] / turned[0], "its answer to a grating across, by that to its own");
    const curve = (name, numbers) => ({ name, points: PHASES.map((phase, i) => [phase, numbers[i]]) });
    lab.drawing(
      "phase",
      chart(
        [curve("filter 1", first), curve("filter 2, ¼ wave on", second), curve("L2 pool of both", pooled)],
        {
          title: "The pool does not mind where the crests lie",
          x: { label: "phase of the grating, degrees", from: 0, to: 360, ticks: [0, 90, 180, 270, 360] },
          y: { label: "answer", from: -50, to: 100, ticks: [-50, -25, 0, 25, 50] },
        },
      ),
    );
    lab.drawing(
      "cells",
      panels(
        [
          { caption: "filter 1", picture: paint(PAIR[0], { colors: "diverging" }) },
          { caption: "filter 2", picture: paint(PAIR[1], { colors: "diverging" }) },
          { caption: "grating, phase 0°", picture: paint(moving[0], { colors: "gray" }) },
          { caption: "grating, phase 90°", picture: paint(moving[6], { colors: "gray" }) },
        ],
        { width: 130 },
      ),
    );
  },
  exercise: {
    question: "Four maps answer 1, −2, 2 and 4 in one place. What does L2 pooling over the four give there?",
    answer: 5,
    why: "√(1 + 4 + 4 + 16) = 5; signs are forgotten.",
    hint: "Square, add, take the root.",
  },
});
