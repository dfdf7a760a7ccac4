// Shapes from colour (lecture B, "FC: Limitations": shapes from colour, L = (R+B+G)/3).
//
// A figure may differ from its ground in colour alone. On the first plate both have the same mean (R+G+B)/3, dot by dot as light or
// as dark, so that it is gone from L, and luma, which weighs green most, still shows it; the second plate is the other way round. The
// difference of red and green, a 1×1 convolution over the colours, shows both.
//
//   node examples/course/shapes-from-colour.mjs [--out FOLDER] [--json] [--answer N]
import { paint } from "lanewise/inspect";
import { sequential } from "lanewise/nn";
import { experiment } from "./shared/experiment.mjs";
import { fixedConv2d, outputOf, planesOf, tensorOf } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { figureOf, randomFrom } from "./shared/pictures.mjs";
import { pictureOf, planeFrom } from "./shared/planes.mjs";

const SIZE = 96;
/** Figure and ground: of equal mean, then of equal luma (0.299 R + 0.587 G + 0.114 B). */
const PLATES = {
  mean: { figure: [0.7, 0.3, 0.35], ground: [0.3, 0.65, 0.4] },
  luma: { figure: [0.8, 0.3, 0.3], ground: [0.3, (0.299 * 0.5 + 0.587 * 0.3) / 0.587, 0.3] },
};
const VIEWS = ["L = (R+G+B)/3", "luma", "red − green"];
/** The three views as masks of a 1×1 convolution, a row each: over red, green, blue. */
const MASKS = [1 / 3, 1 / 3, 1 / 3, 0.299, 0.587, 0.114, 1, -1, 0];

/** Dots of random size and lightness on white, in the figure's colour where their middle lies on the figure; and which pixel is which. */
function plateOf({ figure, ground }, onFigure) {
  const random = randomFrom(11);
  const kind = new Uint8Array(SIZE * SIZE);
  const planes = [0, 1, 2].map(() => planeFrom(SIZE, SIZE, () => 1));
  for (let tries = 0; tries < 12_000; tries++) {
    const [cx, cy, radius, lightness] = [
      SIZE * random(),
      SIZE * random(),
      1.5 + 2.5 * random(),
      0.9 + 0.2 * random(),
    ];
    const pixels = discAt(cx, cy, radius);
    if (pixels.some((i) => kind[i] !== 0)) continue;
    const isFigure = onFigure(cx, cy);
    for (const i of pixels) {
      kind[i] = isFigure ? 2 : 1;
      planes.forEach((plane, c) => {
        plane.data[i] = lightness * (isFigure ? figure : ground)[c];
      });
    }
  }
  return { planes, kind };
}

function discAt(cx, cy, radius) {
  const pixels = [];
  for (let y = Math.max(0, Math.ceil(cy - radius)); y <= Math.min(SIZE - 1, cy + radius); y++)
    for (let x = Math.max(0, Math.ceil(cx - radius)); x <= Math.min(SIZE - 1, cx + radius); x++)
      if (Math.hypot(x - cx, y - cy) <= radius) pixels.push(y * SIZE + x);
  return pixels;
}

/** How far figure and ground are apart in a view, in standard deviations of the two. */
function contrastOf({ data }, kind) {
  const [ground, figure] = [1, 2].map((which) => {
    const values = [...data].filter((_, i) => kind[i] === which);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
  });
  return Math.abs(figure.mean - ground.mean) / Math.sqrt((figure.variance + ground.variance) / 2);
}

await experiment({
  title: "Shapes from colour",
  lecture: "B: FC: Limitations",
  async run(lab) {
    const network = sequential({ input: [3, SIZE, SIZE] }, [
      fixedConv2d(MASKS, { filters: 3, kernelSize: 1 }),
    ]);
    const figure = await figureOf(SIZE);
    const onFigure = (x, y) => figure.data[Math.floor(y) * SIZE + Math.floor(x)] > 0.2;
    const items = [];
    const rows = [];
    for (const [equal, colours] of Object.entries(PLATES)) {
      const { planes, kind } = plateOf(colours, onFigure);
      const views = planesOf(await outputOf(network, tensorOf(planes)));
      const contrasts = views.map((view) => contrastOf(view, kind));
      rows.push({
        plate: `equal ${equal}`,
        ...Object.fromEntries(VIEWS.map((name, i) => [name, contrasts[i]])),
      });
      contrasts.forEach((contrast, i) => {
        lab.figure(
          `${equal}${["Mean", "Luma", "RedGreen"][i]}`,
          contrast,
          `equal ${equal}: contrast of ${VIEWS[i]}`,
        );
      });
      items.push({ caption: `equal ${equal}`, picture: pictureOf(planes) });
      views.forEach((view, i) => {
        const range = i < 2 ? { from: 0.25, to: 0.65, colors: "gray" } : { colors: "diverging" };
        items.push({
          caption: VIEWS[i],
          picture: paint(view, range),
          note: `contrast ${contrasts[i].toFixed(2)}`,
        });
      });
    }
    lab.table("contrasts", "distance of figure and ground, in standard deviations", rows);
    lab.drawing("shapes-from-colour", panels(items, { columns: 4, width: 192 }));
  },
  exercise: {
    question: "A red of (0.9, 0, 0) and a green of (0, g, 0) are to have the same luma. What is g?",
    answer: (0.299 * 0.9) / 0.587,
    why: "0.299·0.9 = 0.587·g: the eye takes a weak green to be as light as a strong red.",
    hint: "Set 0.299·0.9 equal to 0.587·g.",
  },
});
