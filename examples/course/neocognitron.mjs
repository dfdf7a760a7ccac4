// The Neocognitron (lecture A, "CNN: History", 1980): S-cells that learn, C-cells that blur, and no teacher.
//
// Fukushima showed his network five digits again and again. Of the cells that look at one place, the one that answers loudest is
// strengthened in what it answers to, and with it its whole plane. In the end each digit has a cell of its own in the last layer,
// which knows it when it has moved by a receptor, too.
//
//   node examples/course/neocognitron.mjs [--passes 20] [--seed 0] [--out FOLDER] [--json] [--answer N]
import { Tensor } from "lanewise";
import { activationSheet, activationsOf, paint } from "lanewise/inspect";
import { neocognitron, selfOrganize } from "lanewise/models";
import { gradient } from "lanewise/train";
import { experiment } from "./shared/experiment.mjs";
import { panels } from "./shared/panels.mjs";
import { planeFrom, shifted } from "./shared/planes.mjs";

const SIDE = 16;

/** The five patterns, a receptor a letter. */
const STENCILS = [
  [" ##### ", "#     #", "#     #", "#     #", "#     #", "#     #", "#     #", "#     #", " ##### "],
  ["   #   ", "  ##   ", "   #   ", "   #   ", "   #   ", "   #   ", "   #   ", "   #   ", "  ###  "],
  [" ##### ", "#     #", "      #", "     # ", "    #  ", "   #   ", "  #    ", " #     ", "#######"],
  [" ##### ", "#     #", "      #", "      #", "  #### ", "      #", "      #", "#     #", " ##### "],
  ["    ## ", "   # # ", "  #  # ", " #   # ", "#    # ", "#######", "     # ", "     # ", "     # "],
];

const pictureOf = (rows) => planeFrom(SIDE, SIDE, (x, y) => Number(rows[y - 3]?.[x - 4] === "#"));

const tensorOf = ({ data }) => new Tensor("float32", data, [1, 1, SIDE, SIDE]);

/** The greatest number's place; -1 where all are 0. */
const loudest = (answers) => {
  const most = Math.max(...answers);
  return most > 0 ? answers.indexOf(most) : -1;
};

/** What the cells of each layer answer to a picture. */
async function cellsOf(network, picture) {
  const [output] = network.graph.outputs;
  const found = await activationsOf(network, tensorOf(picture), ["c1", "c2", output]);
  return { first: found.c1, second: found.c2, last: found[output].data };
}

await experiment({
  title: "The Neocognitron",
  lecture: "A: CNN: History",
  options: { passes: { type: "string", default: "20" }, seed: { type: "string", default: "0" } },
  async run(lab, values) {
    const pictures = STENCILS.map(pictureOf);
    const network = neocognitron({ seed: Number(values.seed), selectivity: [4, 2, 2.5] });
    const learnt = await selfOrganize(
      network,
      pictures.map(({ data }) => data),
      { gradient, passes: Number(values.passes), together: true },
    );
    const answers = await Promise.all(pictures.map((picture) => cellsOf(learnt, picture)));
    const cells = answers.map(({ last }) => loudest(last));
    lab.table(
      "cells",
      "The loudest of 24 cells of the last layer",
      cells.map((cell, digit) => ({ digit, cell, answer: answers[digit].last[cell] ?? 0 })),
    );
    lab.figure(
      "cells",
      new Set(cells.filter((cell) => cell >= 0)).size,
      "digits of five have a cell of their own",
    );
    const moves = [
      [0, 1],
      [1, 0],
      [0, -1],
      [-1, 0],
    ];
    let known = 0;
    for (const [right, down] of moves)
      for (const [digit, picture] of pictures.entries()) {
        const { last } = await cellsOf(learnt, shifted(picture, right, down));
        known += Number(cells[digit] >= 0 && loudest(last) === cells[digit]);
      }
    lab.figure("moved", known, "of 20 digits that have moved by a receptor are known by the same cell");
    const before = await cellsOf(network, pictures[0]);
    lab.figure(
      "before",
      Math.max(...before.last),
      "is the loudest answer before the network has seen anything",
    );
    const row = (caption, pictureAt) =>
      pictures.map((_, digit) => ({ caption: caption(digit), picture: pictureAt(digit) }));
    lab.drawing(
      "neocognitron",
      panels(
        [
          ...row(
            (digit) => `a ${digit}`,
            (digit) => paint(pictures[digit], { colors: "gray", from: 0, to: 1 }),
          ),
          ...row(
            () => "24 planes of C1",
            (digit) => activationSheet(answers[digit].first, { columns: 6, shared: true }),
          ),
          ...row(
            () => "24 planes of C2",
            (digit) => activationSheet(answers[digit].second, { columns: 6, shared: true }),
          ),
          ...row(
            (digit) => `C3: cell ${cells[digit]}`,
            (digit) =>
              paint({ data: answers[digit].last, width: 6, height: 4 }, { colors: "viridis", from: 0 }),
          ),
        ],
        { columns: 5, width: 120 },
      ),
    );
  },
  exercise: {
    question:
      "The planes of the first S-layer have 16×16 cells, which share their connections of 5×5. How many excitatory connections has a plane to learn?",
    answer: 25,
    why: "All cells of a plane have the same ones, each about its own place: weights were shared before they were called so.",
    hint: "What one cell of a plane learns, all its cells learn.",
  },
});
