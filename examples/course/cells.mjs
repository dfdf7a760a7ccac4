// Cells of the eye and of the visual cortex (lecture A, "Biological Inspirations": centre-surround, simple cells; Kandel; Dayan; Hubel
// and Wiesel).
//
// A ganglion cell is excited by light in its centre and inhibited by light around it: a difference of two Gaussians. A simple cell
// answers to a bar of one orientation: Gabor's filter, or, as Hubel and Wiesel thought, the sum of centre-surround cells in a row.
//
//   node examples/course/cells.mjs [--out FOLDER] [--json] [--answer N]
import { paint } from "lanewise/inspect";
import { chart } from "./shared/chart.mjs";
import { experiment } from "./shared/experiment.mjs";
import { differenceOfGaussians, gabor, withoutMean } from "./shared/filters.mjs";
import { answersTo } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { mapped, planeFrom, sumOf } from "./shared/planes.mjs";

const SIZE = 41;
const MIDDLE = (SIZE - 1) / 2;
const [CENTER, SURROUND] = [2, 4];
/** The bars that these cells like best run at 45° to the level line. */
const BAR_ANGLE = 45;

const ganglion = differenceOfGaussians(SIZE, { center: CENTER, surround: SURROUND });
/** The wave runs across the bar; y grows downwards, so the bar's angle counts the other way. */
const simple = withoutMean(
  gabor(SIZE, { wavelength: 12, theta: radians(90 - BAR_ANGLE), phase: 0, sigma: 4, gamma: 0.5 }),
);
/** Five ganglion cells in a row along the bar. */
const inRow = [-8, -4, 0, 4, 8]
  .map((step) => {
    const [dx, dy] = [step * Math.cos(radians(BAR_ANGLE)), -step * Math.sin(radians(BAR_ANGLE))];
    return differenceOfGaussians(SIZE, { center: CENTER, surround: SURROUND, dx, dy });
  })
  .reduce((sum, cell) => mapped(sum, (value, i) => value + cell.data[i]));

function radians(degrees) {
  return (degrees * Math.PI) / 180;
}

/** A spot of light in the middle; its edge is soft by a pixel. */
const spot = (diameter) =>
  planeFrom(SIZE, SIZE, (x, y) =>
    Math.min(1, Math.max(0, diameter / 2 - Math.hypot(x - MIDDLE, y - MIDDLE) + 0.5)),
  );

/** A bar of light through the middle, 5 wide, at an angle to the level line. */
const bar = (degrees) =>
  planeFrom(SIZE, SIZE, (x, y) => {
    const across = (x - MIDDLE) * Math.sin(radians(degrees)) + (y - MIDDLE) * Math.cos(radians(degrees));
    return Math.min(1, Math.max(0, 2.5 - Math.abs(across) + 0.5));
  });

const DIAMETERS = Array.from({ length: 36 }, (_, i) => 1 + i);
const ANGLES = Array.from({ length: 37 }, (_, i) => i * 5);

/** How far from its best angle a cell still gives half of its best answer, in degrees. */
function halfWidth(answers) {
  const best = answers.indexOf(Math.max(...answers));
  const within = answers.filter((answer, i) => i < ANGLES.length - 1 && answer >= answers[best] / 2);
  return (within.length * 5) / 2;
}

await experiment({
  title: "Cells of the eye and of the visual cortex",
  lecture: "A: Biological Inspirations",
  async run(lab) {
    const spots = (await answersTo(DIAMETERS.map(spot), [ganglion])).flat();
    const bars = await answersTo(ANGLES.map(bar), [simple, inRow]);
    const [simples, rows] = [0, 1].map((cell) => bars.map((answers) => Math.max(0, answers[cell])));
    const bestAngle = (answers) => ANGLES[answers.indexOf(Math.max(...answers))];
    lab.figure(
      "bestDiameter",
      DIAMETERS[spots.indexOf(Math.max(...spots))],
      "pixels: the spot that excites the ganglion cell most",
    );
    lab.figure("evenLight", sumOf(ganglion), "its answer to even light");
    lab.figure("bestAngle", bestAngle(simples), "degrees: the bar that the simple cell likes best");
    lab.figure("halfWidth", halfWidth(simples), "degrees from there to half of that answer");
    lab.figure("rowAngle", bestAngle(rows), "degrees: the bar that five ganglion cells in a row like best");
    lab.figure("rowHalfWidth", halfWidth(rows), "degrees from there to half of that answer");
    lab.drawing(
      "cells",
      panels(
        [
          {
            caption: "ganglion cell",
            picture: paint(ganglion, { colors: "diverging" }),
            note: "centre and surround",
          },
          { caption: "simple cell", picture: paint(simple, { colors: "diverging" }), note: "Gabor's filter" },
          {
            caption: "five in a row",
            picture: paint(inRow, { colors: "diverging" }),
            note: "as Hubel and Wiesel thought",
          },
          { caption: "a spot of light", picture: paint(spot(8), { colors: "gray" }) },
          { caption: "a bar at 45°", picture: paint(bar(45), { colors: "gray" }) },
          { caption: "a bar at 135°", picture: paint(bar(135), { colors: "gray" }) },
        ],
        { columns: 3, width: 140 },
      ),
    );
    lab.drawing(
      "spots",
      chart([{ name: "ganglion cell", points: DIAMETERS.map((d, i) => [d, spots[i]]) }], {
        title: "Too large a spot reaches the surround",
        x: { label: "diameter of the spot, pixels", from: 0, to: 36, ticks: [0, 8, 16, 24, 32] },
        y: { label: "answer", from: 0, to: 0.5, ticks: [0, 0.1, 0.2, 0.3, 0.4, 0.5] },
      }),
    );
    const share = (answers) => ANGLES.map((angle, i) => [angle, answers[i] / Math.max(...answers)]);
    lab.drawing(
      "tuning",
      chart(
        [
          { name: "Gabor's filter", points: share(simples) },
          { name: "five cells in a row", points: share(rows) },
        ],
        {
          title: "A simple cell's tuning curve",
          x: { label: "angle of the bar, degrees", from: 0, to: 180, ticks: [0, 45, 90, 135, 180] },
          y: { label: "share of the best answer", from: 0, to: 1 },
        },
      ),
    );
  },
  exercise: {
    question:
      "What diameter has the spot that excites best, by the formula? A spot of radius r gives exp(−r²/2·4²) − exp(−r²/2·2²); find the r where that is greatest, and double it.",
    answer: 2 * Math.sqrt((4 * Math.log(SURROUND / CENTER)) / (1 / CENTER ** 2 - 1 / SURROUND ** 2)),
    why: "r² = 4·ln 2 / (1/4 − 1/16) = 14.8: the next whole diameters are what the experiment found.",
    hint: "Set the derivative to 0: exp(−r²/8) / 4 = exp(−r²/32) / 16, take logarithms, solve for r.",
  },
});
