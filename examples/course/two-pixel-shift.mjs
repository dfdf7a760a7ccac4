// A digit moved by two pixels (lecture B, "FC: Limitations": 154 pixels change, 77 to ink and 77 to paper).
//
// To a multi-layer perceptron every pixel is an input of its own, and a digit two pixels further left is another picture. As no ink
// is lost, as many pixels become ink as become paper. The lecture's digit is not at hand: of a thousand written by lanewise's
// program, 32×32, this takes the first of which as many pixels change.
//
//   node examples/course/two-pixel-shift.mjs [--out FOLDER] [--json] [--answer N]
import { paint, rowsOf } from "lanewise/inspect";
import { globalMaxPool2d, relu, sequential } from "lanewise/nn";
import { digits } from "lanewise/train";
import { experiment } from "./shared/experiment.mjs";
import { gabor } from "./shared/filters.mjs";
import { fixedConv2d, outputOf, tensorOf } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { combined, farthest, mapped, shifted } from "./shared/planes.mjs";

const SIZE = 32;
const LECTURE = 154;

const inked = (plane) => mapped(plane, (value) => Number(value > 0.5));

/** How many pixels become ink, and how many paper, when a digit moves to the right. */
function changesOf(plane, pixels) {
  const change = combined(inked(shifted(plane, pixels, 0)), inked(plane), (after, before) => after - before);
  const count = (which) => change.data.filter((value) => value === which).length;
  return { toInk: count(1), toPaper: count(-1), change };
}

const distance = (a, b) => Math.hypot(...a.data.map((value, i) => value - b.data[i]));

/** Eight filters of the cortex, a rectifier, and of each map the greatest value, wherever it stands. */
const cortex = () => {
  const filters = Array.from({ length: 8 }, (_, i) =>
    gabor(7, { wavelength: 6, theta: (i * Math.PI) / 8, phase: 0, sigma: 2, gamma: 0.7 }),
  );
  return sequential({ input: [1, SIZE, SIZE] }, [
    fixedConv2d(
      filters.flatMap(({ data }) => [...data]),
      { filters: 8, kernelSize: 7, padding: 3 },
    ),
    relu(),
    globalMaxPool2d(),
  ]);
};

await experiment({
  title: "A digit moved by two pixels",
  lecture: "B: FC: Limitations",
  async run(lab) {
    const { rows, labels } = await rowsOf(digits({ count: 1000, seed: 1, size: SIZE }));
    const planes = rows.map((data) => ({ data, width: SIZE, height: SIZE }));
    const changed = planes.map((plane) => changesOf(plane, 2)).map(({ toInk, toPaper }) => toInk + toPaper);
    const index = changed.indexOf(LECTURE);
    const digit = planes[index];
    const moved = shifted(digit, 2, 0);
    const { toInk, toPaper, change } = changesOf(digit, 2);
    lab.figure("digit", labels[index], `the digit, number ${index} of a thousand`);
    lab.figure("toInk", toInk, "pixels become ink");
    lab.figure("toPaper", toPaper, "pixels become paper");
    lab.figure("changed", toInk + toPaper, "pixels change in all");
    const sorted = changed.toSorted((a, b) => a - b);
    lab.figure("median", sorted[500], "change in the middle one of the thousand digits");
    const own = distance(digit, moved);
    const nearer = planes.filter((other, i) => i !== index && distance(digit, other) < own).length;
    lab.figure("nearer", nearer, "other digits are nearer to it, pixel by pixel, than its own copy");
    const network = cortex();
    const [before, after] = await Promise.all(
      [digit, moved].map((plane) => outputOf(network, tensorOf([plane]))),
    );
    lab.figure("pooled", farthest(before.data, after.data), "how far 8 filters' greatest answers move");
    lab.drawing(
      "two-pixel-shift",
      panels(
        [
          { caption: "the digit", picture: paint(digit, { colors: "gray", from: 0, to: 1 }) },
          { caption: "two pixels to the right", picture: paint(moved, { colors: "gray", from: 0, to: 1 }) },
          {
            caption: `${toInk} + ${toPaper} pixels change`,
            picture: paint(change, { colors: "diverging", from: -1.4, to: 1.4 }),
            note: "red: to ink, blue: to paper",
          },
        ],
        { width: 200 },
      ),
    );
  },
  exercise: {
    question: "An upright bar, 3 wide and 20 high, moves right by two pixels. How many pixels change?",
    answer: 80,
    why: "Two columns of 20 become ink at the right, two become paper at the left: 40 + 40.",
    hint: "Count the columns that the bar leaves, and those that it enters.",
  },
});
