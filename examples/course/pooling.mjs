// What pools keep and what they forget (lecture A, "Pooling, Max Pooling"; B, "Pooling Layers: Examples", "Max Pooling & Translation
// Invariance"; C, "Pooling layer").
//
// B's 5×5 matrix, whose greatest number 15 stays when the picture moves a little, and gives way to 7 when it moves out of the window
// (the lecture's other numbers are not at hand: these are others); the figure of Goodfellow, Bengio and Courville (Deep Learning, 2016,
// figure 9.8), in which all values move and half of the pooled ones change; C's permutations within a cell, which no pool sees.
//
//   node examples/course/pooling.mjs [--mnist FOLDER of its test set] [--out FOLDER] [--json] [--answer N]
import { paint } from "lanewise/inspect";
import { averagePool2d, lpPool2d, maxPool2d, sequential } from "lanewise/nn";
import { grid, rect, signed, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";
import { outputOf, planesOf, tensorOf } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { digitSet, randomFrom } from "./shared/pictures.mjs";
import { at, farthest, planeFrom, planeOfRows, rowsOf, shifted } from "./shared/planes.mjs";

/** 15 in the middle; the two columns at the left, in the window's rows, have nothing above 7. */
const MATRIX = planeOfRows([
  [2, 4, 1, 3, 0],
  [5, 7, 6, 2, 1],
  [3, 1, 15, 4, 2],
  [0, 6, 5, 3, 4],
  [1, 2, 4, 0, 5],
]);
/** What detectors give, and what they give when the picture has moved by one: 0.3 comes in. */
const DETECTED = planeOfRows([[0.1, 1, 0.2, 0.1]]);
const MOVED = planeOfRows([[0.3, 0.1, 1, 0.2]]);

const GREY = { colors: "gray", from: 0, to: 1 };
const POOLS = { max: maxPool2d, average: averagePool2d, L2: lpPool2d };

/** A plane through one pool. */
async function pooled(plane, pool, options) {
  const network = sequential({ input: [1, plane.height, plane.width] }, [pool(options)]);
  return planesOf(await outputOf(network, tensorOf([plane])))[0];
}

const changed = (a, b) => a.data.filter((value, i) => value !== b.data[i]).length;

/** Every order of some numbers. */
const ordersOf = (numbers) =>
  numbers.length < 2
    ? [numbers]
    : numbers.flatMap((first, i) => ordersOf(numbers.toSpliced(i, 1)).map((rest) => [first, ...rest]));

/** How many different answers a pool has to all orders of a cell's four numbers. */
async function answersToOrders(pool) {
  const cells = ordersOf([1, 2, 5, 8]).map(([a, b, c, d]) =>
    planeOfRows([
      [a, b],
      [c, d],
    ]),
  );
  const answers = await Promise.all(cells.map((cell) => pooled(cell, pool, { kernelSize: 2 })));
  return {
    orders: cells.length,
    answers: new Set(answers.map(({ data }) => data[0].toFixed(5))).size,
    value: answers[0].data[0],
  };
}

/** The plane with the numbers of every 2×2 cell in an order of the cell's own. */
function shuffledCells(plane) {
  const random = randomFrom(4);
  const orders = ordersOf([0, 1, 2, 3]);
  const cells = Array.from(
    { length: (plane.width * plane.height) / 4 },
    () => orders[Math.floor(24 * random())],
  );
  return planeFrom(plane.width, plane.height, (x, y) => {
    const order = cells[Math.floor(y / 2) * (plane.width / 2) + Math.floor(x / 2)];
    const from = order[(y % 2) * 2 + (x % 2)];
    return at(plane, x - (x % 2) + (from % 2), y - (y % 2) + Math.floor(from / 2));
  });
}

/** A digit and the same with its cells shuffled: what pools make of both. */
async function showShuffled(lab, digit) {
  const shuffled = shuffledCells(digit);
  lab.figure(
    "shuffledPixels",
    changed(digit, shuffled),
    "pixels of a digit change when every 2×2 cell is shuffled",
  );
  const pictures = [
    { caption: "a digit", picture: paint(digit, GREY) },
    { caption: "its cells shuffled", picture: paint(shuffled, GREY) },
  ];
  const apart = [];
  for (const [name, pool] of Object.entries(POOLS)) {
    const [there, then] = await Promise.all(
      [digit, shuffled].map((plane) => pooled(plane, pool, { kernelSize: 2 })),
    );
    apart.push(farthest(there.data, then.data));
    pictures.push({
      caption: `${name} of either`,
      picture: paint(then, { colors: "gray" }),
      note: "over 2×2",
    });
  }
  lab.figure("shuffledPools", Math.max(...apart), "how far any pool of it moves");
  lab.drawing("shuffled", panels(pictures, { width: 130 }));
}

const norm = (numbers) => Math.hypot(...numbers);

/** Of a digit that moves by a pixel, how much of its length changes: before a pool and behind it. */
function relativeChange(a, b) {
  return norm(a.data.map((value, i) => value - b.data[i])) / norm(a.data);
}

await experiment({
  title: "What pools keep and what they forget",
  lecture: "A: Max Pooling; B: Pooling Layers, Max Pooling & Translation Invariance; C: Pooling layer",
  options: { mnist: { type: "string" } },
  async run(lab, { mnist }) {
    const matrices = [0, 1, 2].map((right) => shifted(MATRIX, right, 0));
    const maxima = await Promise.all(
      matrices.map((matrix) => pooled(matrix, maxPool2d, { kernelSize: 3, stride: 1 })),
    );
    const middles = maxima.map(({ data: values }) => values[4]);
    lab.figure("still", middles[0], "is the greatest of the middle window");
    lab.figure("movedByOne", middles[1], "when the matrix has moved right by one: it stays");
    lab.figure("movedByTwo", middles[2], "when it has moved by two: it has left the window");
    lab.drawing("matrix", matrixDrawing(matrices, middles));

    const wide = { kernelSize: [1, 3], stride: 1, padding: [0, 1] };
    const [before, after] = await Promise.all([DETECTED, MOVED].map((row) => pooled(row, maxPool2d, wide)));
    lab.figure(
      "detectorsChanged",
      changed(DETECTED, MOVED),
      "of 4 detectors change when the picture moves by one",
    );
    lab.figure("poolsChanged", changed(before, after), "of the 4 maxima over three of them");
    lab.drawing("goodfellow", goodfellowDrawing({ before, after }));

    const rows = [];
    for (const [name, pool] of Object.entries(POOLS))
      rows.push({ pool: name, ...(await answersToOrders(pool)) });
    lab.table("orders", "a cell of 1, 2, 5, 8 in every order", rows);
    lab.figure("alike", 24 ** 4, "pictures of 4×4 with four numbers a cell that no 2×2 pool tells apart");

    const { planes } = await digitSet(mnist, 10);
    const digit = planes[3];
    const moved = shifted(digit, 1, 0);
    const items = [{ caption: "a digit", picture: paint(digit, { colors: "gray" }), note: "28×28" }];
    lab.figure(
      "unpooledChange",
      relativeChange(digit, moved),
      "of a digit's length changes when it moves by a pixel",
    );
    for (const [name, pool] of Object.entries(POOLS)) {
      const [there, then] = await Promise.all(
        [digit, moved].map((plane) => pooled(plane, pool, { kernelSize: 4 })),
      );
      lab.figure(`${name}Change`, relativeChange(there, then), `behind ${name} pooling over 4×4`);
      items.push({ caption: `${name} over 4×4`, picture: paint(there, { colors: "gray" }), note: "7×7" });
    }
    await showShuffled(lab, digit);
    lab.drawing("pools", panels(items, { width: 130 }));
  },
  exercise: {
    question:
      "The matrix moves down by two in place of right. What is the greatest of the middle window then? (Rows that come in are 0.)",
    answer: 7,
    why: "15 has left; rows 0 and 1, columns 1 to 3, are in the window: 4 1 3 and 7 6 2.",
    hint: "The window's rows then hold a row of zeros and the matrix's first two rows, of columns 1 to 3.",
  },
});

function matrixDrawing(matrices, middles) {
  const cell = 30;
  return svg(
    560,
    236,
    matrices.map((matrix, i) => {
      const left = 16 + i * 180;
      return [
        text(left + 75, 22, ["as it is", "one to the right", "two to the right"][i], {
          anchor: "middle",
          bold: true,
        }),
        grid(left, 34, rowsOf(matrix), { cell, fill: (value) => (value === 15 ? "#ee6677" : "white") }),
        rect(left + cell, 34 + cell, 3 * cell, 3 * cell, { stroke: "#4477aa", thick: 4 }),
        text(left + 75, 218, `max of the window: ${middles[i]}`, { anchor: "middle", bold: true, size: 14 }),
      ];
    }),
  );
}

function goodfellowDrawing({ before, after }) {
  const cell = 46;
  const states = [
    { caption: "detectors, and maxima over three above them", low: DETECTED, high: before, other: undefined },
    {
      caption: "the picture has moved right by one",
      low: MOVED,
      high: after,
      other: { low: DETECTED, high: before },
    },
  ];
  return svg(
    620,
    190,
    states.map(({ caption, low, high, other }, i) => {
      const left = 20 + i * 310;
      const mark = (was) => (value, x) =>
        was !== undefined && was.data[x] !== value ? "#cc3311" : undefined;
      const options = { cell, fill: signed(2.5) };
      return [
        text(left, 22, caption, { bold: true }),
        grid(left, 36, rowsOf(high), { ...options, mark: mark(other?.high) }),
        grid(left, 36 + cell + 24, rowsOf(low), { ...options, mark: mark(other?.low) }),
        text(left + 4 * cell + 8, 36 + cell / 2 + 4, "maxima"),
        text(left + 4 * cell + 8, 36 + cell * 1.5 + 28, "detectors"),
        i === 0 ? [] : text(left, 182, "red: changed"),
      ];
    }),
  );
}
