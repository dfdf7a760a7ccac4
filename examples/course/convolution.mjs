// Convolution and its mirror image (lecture A, "Convolution Kernels"; B, "2D Convolution vs Cross-Correlation"; C, "Convolution").
//
// A convolution turns the mask by half a circle before it slides, a cross-correlation slides it as it stands. Layers of networks,
// lanewise's `conv2d` among them, do the latter: what they learn is learnt turned. Where the mask stands still and the picture is
// one single dot, one sees which is which: the convolution copies the mask, the cross-correlation gives its mirror image.
//
//   node examples/course/convolution.mjs [--out FOLDER] [--json] [--answer N]
import { Tensor } from "lanewise";
import { conv1d, initializers, sequential } from "lanewise/nn";
import { grid, signed, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";
import { correlate, outputOf } from "./shared/networks.mjs";
import { at, farthest, flipped, planeFrom, planeOfRows, rowsOf } from "./shared/planes.mjs";

/** Numbers from −4 to 4, row after row: no two taps are alike, so that none can hide. */
const MASK = planeOfRows([
  [-4, -3, -2],
  [-1, 0, 1],
  [2, 3, 4],
]);
const DOT = planeFrom(7, 7, (x, y) => Number(x === 3 && y === 3));
/** A hill on the left, a step on the right. */
const SIGNAL = planeOfRows([[0, 1, 2, 1, 0, 0, 0, 3, 3, 3]]);
const TAPS = planeOfRows([[1, 0, -1]]);

/** The definition, number by number: (f ∗ g)[x] = Σ f[x − k] · g[k], with the mask's middle at 0. */
const convolvedByHand = (f, g) =>
  planeFrom(f.width, f.height, (x, y) => {
    let sum = 0;
    for (let j = 0; j < g.height; j++)
      for (let i = 0; i < g.width; i++)
        sum += at(f, x - (i - (g.width - 1) / 2), y - (j - (g.height - 1) / 2)) * at(g, i, j);
    return sum;
  });

/** Both over a picture, by lanewise: the convolution is the cross-correlation with the mask turned. */
async function both(picture, mask) {
  const [correlation, convolution] = await correlate(picture, [mask, flipped(mask)], { padding: "same" });
  return { correlation, convolution };
}

/** Both along a signal, by `conv1d`, which slides its taps as they stand, too. */
async function bothAlong(signal, taps) {
  const along = async ({ data }) => {
    const weightInitializer = initializers.values(data);
    const layer = conv1d({
      filters: 1,
      kernelSize: data.length,
      padding: (data.length - 1) / 2,
      bias: false,
      weightInitializer,
    });
    const x = new Tensor("float32", signal.data, [1, 1, signal.width]);
    return { ...signal, data: (await outputOf(sequential({ input: [1, signal.width] }, [layer]), x)).data };
  };
  return { correlation: await along(taps), convolution: await along(flipped(taps)) };
}

await experiment({
  title: "Convolution and its mirror image",
  lecture: "A: Convolution Kernels; B: 2D Convolution vs Cross-Correlation; C: Convolution",
  async run(lab) {
    const plane = await both(DOT, MASK);
    const line = await bothAlong(SIGNAL, TAPS);
    const inner = ({ data }) => [16, 17, 18, 23, 24, 25, 30, 31, 32].map((i) => data[i]);
    lab.figure(
      "convolutionCopies",
      farthest(inner(plane.convolution), MASK.data),
      "farthest of dot ∗ mask from the mask",
    );
    lab.figure(
      "correlationMirrors",
      farthest(inner(plane.correlation), flipped(MASK).data),
      "farthest of dot ⋆ mask from the mask turned by half a circle",
    );
    const byHand = [convolvedByHand(DOT, MASK), convolvedByHand(SIGNAL, TAPS)];
    lab.figure(
      "fromDefinition",
      Math.max(
        farthest(byHand[0].data, plane.convolution.data),
        farthest(byHand[1].data, line.convolution.data),
      ),
      "farthest of lanewise from Σ f[x − k] · g[k]",
    );
    lab.figure("topLeft", plane.correlation.data[16], "dot ⋆ mask, one up and one left of the dot");
    lab.table("line", "1-D: a hill and a step, mask 1 0 −1", [
      { what: "signal", ...columnsOf(SIGNAL) },
      { what: "convolution", ...columnsOf(line.convolution) },
      { what: "cross-correlation", ...columnsOf(line.correlation) },
    ]);
    lab.drawing("convolution", drawingOf(plane, line));
  },
  exercise: {
    question:
      "A dot of height 1 is convolved (not correlated) with the mask. What stands one place right of the dot and one below it?",
    answer: 4,
    why: "A convolution puts a copy of the mask wherever there is a dot: its bottom right tap is 4.",
    hint: "Which of the two copies the mask, and which mirrors it? Look at the two grids of convolution.svg.",
  },
});

function columnsOf({ data }) {
  return Object.fromEntries([...data].map((value, i) => [`x${i}`, value]));
}

function drawingOf(plane, line) {
  const [cell, wide] = [26, 7 * 26];
  const options = { cell, fill: signed(5) };
  const captioned = (x, y, caption, rows) => [
    text(x, y - 6, caption, { bold: true }),
    grid(x, y, rows, options),
  ];
  return svg(712, 420, [
    captioned(20, 90, "mask", rowsOf(MASK)),
    captioned(120, 40, "a dot", rowsOf(DOT)),
    captioned(120 + wide + 12, 40, "dot ∗ mask: convolution", rowsOf(plane.convolution)),
    captioned(120 + 2 * (wide + 12), 40, "dot ⋆ mask: cross-correlation", rowsOf(plane.correlation)),
    captioned(20, 290, "mask", rowsOf(TAPS)),
    captioned(150, 270, "signal", rowsOf(SIGNAL)),
    captioned(150, 322, "signal ∗ mask: convolution", rowsOf(line.convolution)),
    captioned(150, 374, "signal ⋆ mask: cross-correlation", rowsOf(line.correlation)),
    text(430, 290, "∗ turns the mask by half a circle,"),
    text(430, 308, "⋆ slides it as it stands; layers of"),
    text(430, 326, "networks do ⋆ and call it convolution."),
  ]);
}
