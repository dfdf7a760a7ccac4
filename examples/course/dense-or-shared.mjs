// LeNet-5's first layer, dense, local and shared (lecture B, "C1 Layer", "Sparse connectivity, Shared Weights"; A, "Conv VS FC").
//
// The same 28·28·6 units over a picture of 32×32: each may read every pixel, or a window of 5×5 with weights of its own, or the window
// with weights that all units of a map share. Lecture B counts (32·32+1)·(28·28)·6 ≈ 5·10⁶ against 156. Ranzato's example (CVPR
// 2013) in the same way: 200×200 pixels, 40,000 units, windows of 10×10, 100 filters.
//
//   node examples/course/dense-or-shared.mjs [--out FOLDER] [--json] [--answer N]
import { summarizeNetwork } from "lanewise/inspect";
import { conv2d, dense, flatten, sequential } from "lanewise/nn";
import { COLORS, line, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";

/** Counts a network of these layers without making its weights. */
const countOf = (side, layers) =>
  summarizeNetwork(sequential({ input: [1, side, side], weights: "counted" }, layers));

/** Every unit reads a window of its own with weights of its own: as many parameters as filters that are used but once. */
const localCount = (side, kernelSize, maps, bias) => {
  const filter = countOf(side, [conv2d({ filters: maps, kernelSize, bias })]);
  const places = (side - kernelSize + 1) ** 2;
  return { parameters: filter.parameters * places, macs: filter.macs };
};

await experiment({
  title: "Dense, local, shared",
  lecture: "A: Conv VS FC; B: C1 Layer, Sparse connectivity, Shared Weights",
  async run(lab) {
    const full = countOf(32, [flatten(), dense({ units: 28 * 28 * 6 })]);
    const local = localCount(32, 5, 6, true);
    const shared = countOf(32, [conv2d({ filters: 6, kernelSize: 5 })]);
    const row = (layer, { parameters, macs }) => ({ layer, parameters, "multiply-accumulates": macs });
    lab.table("c1", "28·28·6 units over 32×32", [
      row("dense", full),
      row("local: 5×5 windows", local),
      row("shared: 6 filters of 5×5", shared),
    ]);
    lab.figure("dense", full.parameters, "parameters: (32·32+1)·(28·28)·6");
    lab.figure("local", local.parameters, "parameters: (5·5+1)·(28·28)·6");
    lab.figure("shared", shared.parameters, "parameters: (5·5+1)·6");
    lab.figure(
      "ranzatoDense",
      countOf(200, [flatten(), dense({ units: 40_000, bias: false })]).parameters,
      "weights: 200×200 pixels, 40,000 units",
    );
    lab.figure(
      "ranzatoLocal",
      40_000 * countOf(10, [conv2d({ filters: 1, kernelSize: 10, bias: false })]).parameters,
      "weights: windows of 10×10 for each of them",
    );
    lab.figure(
      "ranzatoShared",
      countOf(200, [conv2d({ filters: 100, kernelSize: 10, bias: false })]).parameters,
      "weights: 100 filters of 10×10, shared",
    );
    lab.drawing("dense-or-shared", drawing());
  },
  exercise: {
    question: "Six filters of 5×5 for a colour picture, with a bias each: how many parameters?",
    answer: (5 * 5 * 3 + 1) * 6,
    why: "(5·5·3 + 1)·6: a filter reads a window of every colour, and has one bias.",
    hint: "Each filter reads 5×5 of each of the three colours, and has one bias.",
  },
});

/** Seven inputs below five units, three ways: a line a weight, of one colour where the weight is one. */
function drawing() {
  const sketch = (left, title, note, colour) => [
    text(left + 90, 24, title, { anchor: "middle", bold: true, size: 14 }),
    Array.from({ length: 5 }, (_, unit) =>
      Array.from({ length: 7 }, (_, input) => {
        const stroke = colour(unit, input);
        return stroke === undefined
          ? []
          : line(left + 40 + unit * 25, 60, left + 15 + input * 25, 150, { stroke, thick: 1.6 });
      }),
    ),
    Array.from({ length: 5 }, (_, unit) => dot(left + 40 + unit * 25, 60)),
    Array.from({ length: 7 }, (_, input) => dot(left + 15 + input * 25, 150)),
    text(left + 90, 182, note, { anchor: "middle" }),
  ];
  const dot = (x, y) =>
    `<circle cx="${x}" cy="${y}" r="7" fill="white" stroke="#24292f" stroke-width="1.5"/>`;
  const isNear = (unit, input) => input >= unit && input < unit + 3;
  return svg(660, 200, [
    sketch(15, "dense", "35 weights", (_, input) => ["#8c959f", "#57606a"][input % 2]),
    sketch(240, "local", "15 weights, each used once", (unit, input) =>
      isNear(unit, input) ? "#57606a" : undefined,
    ),
    sketch(465, "shared", "3 weights, each used five times", (unit, input) =>
      isNear(unit, input) ? COLORS[input - unit] : undefined,
    ),
  ]);
}
