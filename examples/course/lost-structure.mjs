// What flattening loses (lecture B, "FC: Limitations": 1D/2D structure, the 4×5 matrix).
//
// A matrix written in one row has its upright neighbours five places apart, and the ends of its rows next to each other. A dense
// layer does not notice: with its weights reordered as the pixels are it answers the same to any order. A 2-D convolution is a
// 1-D one over the row, but with gaps that only one who knows the width can set, and with windows that run over the ends.
//
//   node examples/course/lost-structure.mjs [--out FOLDER] [--json] [--answer N]
import { Tensor } from "lanewise";
import { dense, initializers, sequential } from "lanewise/nn";
import { arrow, grid, line, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";
import { correlate, outputOf } from "./shared/networks.mjs";
import { randomFrom } from "./shared/pictures.mjs";
import { farthest, planeFrom, rowsOf } from "./shared/planes.mjs";

const [ROWS, COLUMNS] = [4, 5];
const MATRIX = planeFrom(COLUMNS, ROWS, (x, y) => 1 + y * COLUMNS + x);

/** Pairs of places that touch, by their numbers from 0: level or upright neighbours. */
function neighbours() {
  const pairs = [];
  for (let y = 0; y < ROWS; y++)
    for (let x = 0; x < COLUMNS; x++) {
      const here = y * COLUMNS + x;
      if (x + 1 < COLUMNS) pairs.push([here, here + 1]);
      if (y + 1 < ROWS) pairs.push([here, here + COLUMNS]);
    }
  return pairs;
}

/** How far a dense layer's answers move when pixels and weights are put in another order. */
async function orderMatters(values) {
  const [units, features] = [6, values.length];
  const random = randomFrom(3);
  const order = values
    .map((_, i) => ({ i, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ i }) => i);
  const weights = Float32Array.from({ length: units * features }, () => random() - 0.5);
  const answers = (numbers, matrix) =>
    outputOf(
      sequential({ input: [features] }, [dense({ units, weightInitializer: initializers.values(matrix) })]),
      new Tensor("float32", Float32Array.from(numbers), [1, features]),
    );
  const inOrder = await answers(values, weights);
  const reordered = Float32Array.from(weights, (_, i) => weights[i - (i % features) + order[i % features]]);
  return farthest(
    inOrder.data,
    (
      await answers(
        order.map((i) => values[i]),
        reordered,
      )
    ).data,
  );
}

/** A 3×3 mask over the matrix, and the same taps over its row, in the gaps that a width of five sets. */
async function bothConvolutions() {
  const mask = planeFrom(3, 3, (x, y) => [1, 2, -1, 0, 3, 1, -2, 1, 1][y * 3 + x]);
  const row = { data: MATRIX.data, width: ROWS * COLUMNS, height: 1 };
  const spread = planeFrom(2 * COLUMNS + 3, 1, (x) =>
    x % COLUMNS < 3 ? mask.data[Math.floor(x / COLUMNS) * 3 + (x % COLUMNS)] : 0,
  );
  const [[flat], [square]] = await Promise.all([correlate(row, [spread]), correlate(MATRIX, [mask])]);
  // Windows that begin in the last two columns run over a row's end: they are no windows of the matrix.
  const inside = [...flat.data].filter((_, i) => i % COLUMNS <= COLUMNS - 3);
  return { apart: farthest(inside, square.data), windows: flat.data.length, real: square.data.length };
}

await experiment({
  title: "What flattening loses",
  lecture: "B: FC: Limitations",
  async run(lab) {
    const pairs = neighbours();
    const touching = pairs.filter(([a, b]) => b - a === 1).length;
    lab.figure("pairs", pairs.length, "pairs of neighbours in the matrix");
    lab.figure("kept", touching, "of them are neighbours in the row");
    lab.figure("apart", COLUMNS, "places in the row from a number to the one below it");
    lab.figure(
      "false",
      ROWS * COLUMNS - 1 - touching,
      "pairs touch in the row alone: a row's end and the next one's beginning",
    );
    lab.figure(
      "dense",
      await orderMatters([...MATRIX.data]),
      "how far a dense layer's answers move when pixels and weights are reordered",
    );
    const { apart, windows, real } = await bothConvolutions();
    lab.figure(
      "convolutions",
      apart,
      "how far a 3×3 convolution is from one over the row, with gaps, where both are",
    );
    lab.figure("windows", windows, "windows of the one over the row");
    lab.figure("realWindows", real, "of which are windows of the matrix");
    lab.drawing("lost-structure", drawing());
  },
  exercise: {
    question:
      "How many pairs of neighbours, level or upright, has a picture of 28×28, of which a row keeps just 756?",
    answer: 2 * 28 * 27,
    why: "28 rows of 27 level pairs, and as many upright ones: half of the neighbourhood is gone.",
    hint: "Count the level pairs of one row, then all rows, then the same for columns.",
  },
});

function drawing() {
  const cell = 30;
  const around = new Map([
    [7, "#cc3311"],
    [2, "#4477aa"],
    [12, "#4477aa"],
    [6, "#228833"],
    [8, "#228833"],
  ]);
  const mark = (value) => around.get(value - 1);
  const [left, top] = [215, 34];
  const row = { y: 226, x: 20 };
  const middle = (i) => row.x + (i + 0.5) * cell;
  const arc = (from, to, color) =>
    `<path d="M ${middle(from)} ${row.y + cell + 2} Q ${(middle(from) + middle(to)) / 2} ${row.y + cell + 44} ${middle(to)} ${row.y + cell + 2}" fill="none" stroke="${color}" stroke-width="2"/>`;
  const wrong = [4, 9, 14].map((i) => row.x + (i + 1) * cell);
  return svg(640, 310, [
    text(left, top - 10, "the matrix, 4×5: 8 and its neighbours", { bold: true }),
    grid(left, top, rowsOf(MATRIX), { cell, mark }),
    arrow(left + 75, top + 4 * cell + 6, left + 75, top + 4 * cell + 34),
    text(row.x, row.y - 12, "the same in a row", { bold: true }),
    grid(row.x, row.y, [[...MATRIX.data]], { cell, mark }),
    arc(2, 7, "#4477aa"),
    arc(7, 12, "#4477aa"),
    text(middle(7), row.y + cell + 44, "five apart", { anchor: "middle", color: "#4477aa" }),
    wrong.map((x) => line(x, row.y - 6, x, row.y + cell + 6, { stroke: "#aa3377", thick: 4 })),
    text(row.x + 20 * cell, row.y - 12, "bars: neighbours in the row alone", {
      anchor: "end",
      color: "#aa3377",
    }),
  ]);
}
