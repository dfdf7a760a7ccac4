// Edges by the Sobel masks as the lectures print them (A, "Sobel filters"; B, "Gradient Computation").
//
// B: Mx and My, each divided by 4, and Ie = Ix² + Iy². A: one filter, 0.5·d/dx + 0.5·d/dy. The masks are cross-correlated, so
// that Ix is positive where the picture grows lighter to the right; on a ramp that grows by one a pixel Ix is 2, for the mask
// looks one pixel to either side.
//
//   node examples/course/sobel.mjs [--out FOLDER] [--json] [--answer N]
import { paint, peakOf } from "lanewise/inspect";
import { experiment } from "./shared/experiment.mjs";
import { correlate } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { scene, tower } from "./shared/pictures.mjs";
import { combined, lumaOf, mapped, planeFrom, planeOfRows } from "./shared/planes.mjs";

const quarter = (plane) => mapped(plane, (value) => value / 4);
const MX = quarter(
  planeOfRows([
    [-1, 0, 1],
    [-2, 0, 2],
    [-1, 0, 1],
  ]),
);
const MY = quarter(
  planeOfRows([
    [-1, -2, -1],
    [0, 0, 0],
    [1, 2, 1],
  ]),
);
/** Lecture A's filter. */
const HALVES = combined(MX, MY, (dx, dy) => 0.5 * dx + 0.5 * dy);

/** Ix, Iy, Ie and A's sum of a picture, without the rows and columns at its edge. */
async function edgesOf(plane) {
  const [ix, iy, halves] = await correlate(plane, [MX, MY, HALVES]);
  return { ix, iy, halves, ie: combined(ix, iy, (a, b) => a * a + b * b) };
}

await experiment({
  title: "Sobel's edges",
  lecture: "A: Sobel filters; B: Gradient Computation",
  async run(lab) {
    const ramp = await edgesOf(planeFrom(8, 8, (x) => x));
    const slope = await edgesOf(planeFrom(8, 8, (x, y) => 3 * x + 4 * y));
    lab.figure("rampX", ramp.ix.data[0], "Ix of a picture that grows by 1 a pixel to the right");
    lab.figure("rampY", ramp.iy.data[0], "Iy of the same");
    lab.figure("slope", slope.ie.data[0], "Ie of 3x + 4y: (2·3)² + (2·4)²");
    lab.figure("halves", slope.halves.data[0], "0.5·d/dx + 0.5·d/dy of 3x + 4y");
    const anti = await edgesOf(planeFrom(8, 8, (x, y) => x - y));
    lab.figure("blind", anti.halves.data[0], "the same of x − y, an edge that the sum does not see");
    const light = lumaOf(tower(scene()));
    const { ix, iy, ie, halves } = await edgesOf(light);
    const strongest = peakOf(ie);
    lab.figure("strongest", strongest.value, "Ie of the strongest edge in the scene, of light from 0 to 1");
    lab.drawing(
      "sobel",
      panels(
        [
          { caption: "luma", picture: paint(light, { colors: "gray", from: 0, to: 1 }) },
          { caption: "Ix: upright edges", picture: paint(ix, { colors: "diverging" }) },
          { caption: "Iy: level edges", picture: paint(iy, { colors: "diverging" }) },
          {
            caption: "Ie = Ix² + Iy²",
            picture: paint(mapped(ie, Math.sqrt), { colors: "gray" }),
            note: "its root is shown",
          },
          {
            caption: "0.5·d/dx + 0.5·d/dy",
            picture: paint(halves, { colors: "diverging" }),
            note: "edges along x = y are lost",
          },
        ],
        { width: 160 },
      ),
    );
  },
  exercise: {
    question:
      "A picture grows by 5 a pixel to the right and falls by 12 a pixel downwards. What is Ie, with masks divided by 4?",
    answer: 676,
    why: "Ix = 2·5 and Iy = −2·12, so Ie = 10² + 24² = 676 = 26².",
    hint: "On a ramp of slope 1 the mask, divided by 4, gives 2; Ie adds the squares.",
  },
});
