// The sizes of a convolution layer (lecture A, "Convolution Layer", "Parameters Settings"; C, "Additional Parameters").
//
// 32×32×3 under six filters of 5×5×3 gives 28×28×6. In general W2 = ⌊(W1 − F + 2P) / S⌋ + 1, with F′ = D·(F − 1) + 1 in place of F where
// taps lie D apart, D2 = K, and K·(F·F·D1 + 1) parameters. Each row is run, and its size compared with the formula's.
//
//   node examples/course/convolution-layer.mjs [--out FOLDER] [--json] [--answer N]
import { summarizeNetwork } from "lanewise/inspect";
import { conv2d, sequential } from "lanewise/nn";
import { INK, rect, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";
import { outputOf, tensorOf } from "./shared/networks.mjs";
import { planeFrom } from "./shared/planes.mjs";

/** K filters of F×F, a stride of S, P zeros around, taps D apart. */
const SETTINGS = [
  { K: 6, F: 5, S: 1, P: 0, D: 1 },
  { K: 6, F: 5, S: 1, P: 2, D: 1 },
  { K: 10, F: 5, S: 2, P: 2, D: 1 },
  { K: 96, F: 11, S: 4, P: 2, D: 1 },
  { K: 64, F: 3, S: 1, P: 1, D: 1 },
  { K: 8, F: 3, S: 1, P: 2, D: 2 },
  { K: 8, F: 3, S: 2, P: 0, D: 3 },
];
const [WIDTH, DEPTH] = [32, 3];

const formula = ({ F, S, P, D }) => Math.floor((WIDTH - (D * (F - 1) + 1) + 2 * P) / S) + 1;

/** A layer of these settings, run over a picture of zeros: its output's size and its parameters. */
async function ran({ K, F, S, P, D }) {
  const layer = conv2d({ filters: K, kernelSize: F, stride: S, padding: P, dilation: D });
  const network = sequential({ input: [DEPTH, WIDTH, WIDTH] }, [layer]);
  const zeros = Array.from({ length: DEPTH }, () => planeFrom(WIDTH, WIDTH, () => 0));
  const { dims } = await outputOf(network, tensorOf(zeros));
  return { dims, parameters: summarizeNetwork(network).parameters };
}

await experiment({
  title: "The sizes of a convolution layer",
  lecture: "A: Convolution Layer, Parameters Settings; C: Additional Parameters",
  async run(lab) {
    const rows = [];
    for (const settings of SETTINGS) {
      const { dims, parameters } = await ran(settings);
      rows.push({
        ...settings,
        "by the formula": formula(settings),
        "as it came": `${dims[2]}×${dims[3]}×${dims[1]}`,
        parameters,
      });
    }
    lab.table("settings", `a picture of ${WIDTH}×${WIDTH}×${DEPTH}`, rows);
    lab.figure("size", rows[0]["as it came"], "six filters of 5×5 over 32×32×3");
    lab.figure("parameters", rows[0].parameters, "parameters: 6·(5·5·3 + 1)");
    const agree = rows.filter((row) =>
      row["as it came"].startsWith(`${row["by the formula"]}×${row["by the formula"]}×`),
    ).length;
    lab.figure("agree", agree, `of ${rows.length} settings come out as the formula says`);
    lab.drawing("convolution-layer", drawing());
  },
  exercise: {
    question:
      "227×227 under filters of 11×11, stride 4, no padding (AlexNet): how many columns has the output?",
    answer: 55,
    why: "(227 − 11) / 4 + 1 = 55.",
    hint: "Put W1 = 227, F = 11, S = 4, P = 0 into the formula.",
  },
});

/** What padding, stride and dilation do to a window over seven columns. */
function drawing() {
  const cell = 16;
  const sketches = [
    { title: "F = 3", size: 7, pad: 0, stride: 1, apart: 1 },
    { title: "F = 3, P = 1", size: 7, pad: 1, stride: 1, apart: 1 },
    { title: "F = 3, S = 2", size: 7, pad: 0, stride: 2, apart: 1 },
    { title: "F = 3, D = 2", size: 7, pad: 0, stride: 1, apart: 2 },
  ];
  return svg(744, 362, [
    sketches.map((sketch, i) => window(12 + i * 183, 40, cell, sketch)),
    text(372, 352, "blue: the first window and what comes of it; red: the next one; white: padding", {
      anchor: "middle",
    }),
  ]);
}

function window(left, top, cell, { title, size, pad, stride, apart }) {
  const whole = size + 2 * pad;
  const reach = 2 * apart + 1;
  const out = Math.floor((whole - reach) / stride) + 1;
  const [x, y] = [left + (168 - whole * cell) / 2, top + (9 - whole) * (cell / 2)];
  const square = (column, row, fill, stroke, dx = x, dy = y) =>
    rect(dx + column * cell, dy + row * cell, cell, cell, { fill, stroke });
  const each = (count, draw) =>
    Array.from({ length: count * count }, (_, i) => draw(i % count, Math.floor(i / count)));
  const isPicture = (column, row) => [column, row].every((at) => at >= pad && at < pad + size);
  const outX = left + (168 - out * cell) / 2;
  return [
    text(left + 84, 22, title, { anchor: "middle", bold: true, size: 14 }),
    `<g stroke="#8c959f">`,
    each(whole, (column, row) => square(column, row, isPicture(column, row) ? "#eaeef2" : "white")),
    each(out, (column, row) => {
      const fill = row > 0 || column > 1 ? "#eaeef2" : column === 0 ? "#4477aa" : "#ee6677";
      return square(column, row, fill, undefined, outX, 214);
    }),
    "</g>",
    each(3, (column, row) => square(column * apart + stride, row * apart, "#ee6677", INK)),
    each(3, (column, row) => square(column * apart, row * apart, "rgba(68,119,170,0.75)", INK)),
    text(left + 84, 206, `${size}×${size} → ${out}×${out}`, { anchor: "middle" }),
  ];
}
