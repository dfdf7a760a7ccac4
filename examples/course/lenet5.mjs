// LeNet-5, layer by layer (lecture B, "LeNet 5", "C3 Layer"; C, "Examples").
//
// Parameters of each layer of the network of 1998 with a dense output layer, as lecture B counts them. It prints 12 for S4 and
// 48210 for C5: a gain and a bias for each of 16 maps are 32, and 120 units of 5·5·16 inputs and a bias are 48120.
//
//   node examples/course/lenet5.mjs [--out FOLDER] [--json] [--answer N]
import { summarizeNetwork } from "lanewise/inspect";
import { lenet5, lenet5Of1998 } from "lanewise/models";
import { conv2d, dense, flatten, scaledSumPool2d, scaledTanh, sequential } from "lanewise/nn";
import { grid, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";

/** The maps of S2 that each map of C3 reads: six read three neighbours, six four, three four apart, one all (table I of 1998). */
const neighbours = (count, from, width) =>
  Array.from({ length: width }, (_, i) => (from + i) % count).sort((a, b) => a - b);
const C3 = [
  ...[0, 1, 2, 3, 4, 5].map((from) => neighbours(6, from, 3)),
  ...[0, 1, 2, 3, 4, 5].map((from) => neighbours(6, from, 4)),
  [0, 1, 3, 4],
  [1, 2, 4, 5],
  [0, 2, 3, 5],
  [0, 1, 2, 3, 4, 5],
];

/** What lecture B prints where it is not the count. */
const MISPRINTS = { s4: 12, c5: 48_210 };
const LAYERS = ["c1", "s2", "c3", "s4", "c5", "f6", "f7"];

const build = (connections) =>
  sequential({ input: [1, 32, 32], name: "lenet5" }, [
    conv2d({ name: "c1", filters: 6, kernelSize: 5 }),
    scaledSumPool2d({ name: "s2", kernelSize: 2 }),
    scaledTanh({ name: "tanh2" }),
    conv2d({ name: "c3", filters: 16, kernelSize: 5, connections }),
    scaledSumPool2d({ name: "s4", kernelSize: 2 }),
    scaledTanh({ name: "tanh4" }),
    conv2d({ name: "c5", filters: 120, kernelSize: 5 }),
    scaledTanh({ name: "tanh5" }),
    flatten(),
    dense({ name: "f6", units: 84 }),
    scaledTanh({ name: "tanh6" }),
    dense({ name: "f7", units: 10 }),
  ]);

/** A layer's maps, trainable parameters and multiply-accumulates: those of all nodes that bear its name. */
function layerRow({ layers, facts }, name) {
  const nodes = layers.filter((node) => node.name === name || node.name.startsWith(`${name}.`));
  const sum = (what) => nodes.reduce((total, node) => total + (node[what] ?? 0), 0);
  const [, maps, rows, columns] = facts.get(name).dims;
  return {
    layer: name.toUpperCase(),
    output: rows === undefined ? `${maps}` : `${maps} × ${rows}×${columns}`,
    parameters: sum("trainable"),
    "lecture B": MISPRINTS[name] === undefined ? "" : `prints ${MISPRINTS[name]}`,
    "multiply-accumulates": sum("macs"),
  };
}

await experiment({
  title: "LeNet-5, layer by layer",
  lecture: "B: LeNet 5, C3 Layer; C: Examples",
  async run(lab) {
    const summary = summarizeNetwork(build(C3));
    const rows = LAYERS.map((name) => layerRow(summary, name));
    lab.table("layers", "LeNet-5 of 1998 with a dense output", rows);
    for (const [i, name] of LAYERS.entries())
      lab.figure(name, rows[i].parameters, `parameters of ${name.toUpperCase()}`);
    lab.figure("total", summary.trainable, "parameters in all");
    lab.figure(
      "of1998",
      summarizeNetwork(lenet5Of1998()).trainable,
      "with radial basis functions as output (1998)",
    );
    lab.figure(
      "today",
      summarizeNetwork(lenet5()).trainable,
      "of today's variant, C3 fully connected, max pooling (lecture C)",
    );
    const whole = summarizeNetwork(build(undefined));
    lab.figure(
      "c3Whole",
      layerRow(whole, "c3").parameters,
      "parameters of C3 if every map read every map of S2",
    );
    lab.drawing("c3", tableDrawing());
  },
  exercise: {
    question: "C3 has 60 kernels of 5×5 in place of 6·16, and 16 biases. How many parameters?",
    answer: 1516,
    why: "6·3 + 6·4 + 3·4 + 6 = 60 kernels: 60·25 + 16 = 1516.",
    hint: "Count the crosses in c3.svg, times 25, and a bias for each map.",
  },
});

/** Table I: a column a map of C3, a row a map of S2. */
function tableDrawing() {
  const rows = Array.from({ length: 6 }, (_, from) => C3.map((maps) => (maps.includes(from) ? "×" : "")));
  const cell = 26;
  const [left, top] = [70, 60];
  return svg(left + 16 * cell + 16, top + 6 * cell + 16, [
    text(left + 8 * cell, 22, "map of C3", { anchor: "middle", bold: true }),
    Array.from({ length: 16 }, (_, i) => text(left + (i + 0.5) * cell, top - 8, i, { anchor: "middle" })),
    text(10, top + 3 * cell + 4, "of S2", { bold: true }),
    rows.map((_, i) => text(left - 12, top + (i + 0.65) * cell, i, { anchor: "middle" })),
    grid(left, top, rows, {
      cell,
      fill: (value) => (value === "" ? "white" : "#cfe2f3"),
      show: (value) => value,
    }),
  ]);
}
