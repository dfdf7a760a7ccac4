// The way back up: unpooling with switches, and deconvolution (lecture A, "Unpooling Layers", "Deconvolutional Layers").
//
// A max pool that remembers where its maxima stood can put them back there; without these switches they go to a corner of each cell.
// What is put back is sparse; a convolution makes it dense. A transposed convolution does both at once: it enlarges, and its mask
// says how. Where the mask's width is no multiple of the stride, neighbours get unequal shares: a checkerboard.
//
//   node examples/course/unpooling.mjs [--mnist FOLDER of its test set] [--out FOLDER] [--json] [--answer N]
import { paint } from "lanewise/inspect";
import {
  convTranspose2d,
  initializers,
  maxPool2d,
  maxPool2dWithSwitches,
  maxUnpool2d,
  network,
  sequential,
} from "lanewise/nn";
import { experiment } from "./shared/experiment.mjs";
import { correlate, outputOf, planesOf, tensorOf } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { digitSet, halved, scene } from "./shared/pictures.mjs";
import { lumaOf, mapped, planeFrom } from "./shared/planes.mjs";

const SIZE = 28;
const POOL = { kernelSize: 2 };
/** A tent over 3×3: what lies between two pixels is their mean. */
const TENT = planeFrom(3, 3, (x, y) => [0.25, 0.5, 0.25][x] * [1, 2, 1][y]);

/** Pooled, and put back where the maxima stood. */
const withSwitches = network({ input: [1, SIZE, SIZE] }, (x) => {
  const { output, switches } = maxPool2dWithSwitches(POOL)(x);
  return maxUnpool2d(POOL)(output, switches);
});

const planeOut = async (graph, plane) => planesOf(await outputOf(graph, tensorOf([plane])))[0];

/** Pooled, and put into the first corner of each cell. */
async function withoutSwitches(plane) {
  const pooled = await planeOut(sequential({ input: [1, SIZE, SIZE] }, [maxPool2d(POOL)]), plane);
  return planeFrom(SIZE, SIZE, (x, y) =>
    x % 2 === 0 && y % 2 === 0 ? pooled.data[(y / 2) * (SIZE / 2) + x / 2] : 0,
  );
}

/** Twice as high and wide, by a transposed convolution with this mask (one row and one column of it, multiplied). */
const enlarged = (plane, profile, padding) => {
  const mask = profile.flatMap((a) => profile.map((b) => a * b));
  const layer = convTranspose2d({
    filters: 1,
    kernelSize: profile.length,
    stride: 2,
    padding,
    bias: false,
    weightInitializer: initializers.values(mask),
  });
  return planeOut(sequential({ input: [1, plane.height, plane.width] }, [layer]), plane);
};

const rootMeanSquare = (a, b) =>
  Math.sqrt(a.data.reduce((sum, value, i) => sum + (value - b.data[i]) ** 2, 0) / a.data.length);

/** The numbers that a plane has away from its edge, least first. */
const kindsInside = ({ data, width, height }) => {
  const inside = [...data].filter((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x > 2 && y > 2 && x < width - 3 && y < height - 3;
  });
  return [...new Set(inside.map((value) => Number(value.toFixed(4))))].sort((a, b) => a - b);
};

await experiment({
  title: "Unpooling and deconvolution",
  lecture: "A: Unpooling Layers, Deconvolutional Layers",
  options: { mnist: { type: "string" } },
  async run(lab, { mnist }) {
    const digit = (await digitSet(mnist, 10)).planes[5];
    const placed = await planeOut(withSwitches, digit);
    const cornered = await withoutSwitches(digit);
    const back = placed.data.filter((value, i) => value !== 0 && value === digit.data[i]).length;
    const kept = placed.data.filter((value) => value !== 0).length;
    lab.figure("kept", kept, "numbers come back from 14×14");
    lab.figure("inPlace", back, "of them stand where they stood, by the switches");
    lab.figure(
      "inPlaceWithout",
      cornered.data.filter((v, i) => v !== 0 && v === digit.data[i]).length,
      "without switches",
    );
    const [dense, smeared] = await Promise.all(
      [placed, cornered].map(async (plane) => (await correlate(plane, [TENT], { padding: "same" }))[0]),
    );
    lab.figure(
      "withSwitches",
      rootMeanSquare(
        mapped(dense, (v) => Math.min(v, 1)),
        digit,
      ),
      "rms distance from the digit, made dense by a 3×3 tent",
    );
    lab.figure(
      "withoutSwitches",
      rootMeanSquare(
        mapped(smeared, (v) => Math.min(v, 1)),
        digit,
      ),
      "the same without switches",
    );
    const grey = { colors: "gray", from: 0, to: 1 };
    lab.drawing(
      "unpooling",
      panels(
        [
          { caption: "a digit", picture: paint(digit, grey) },
          { caption: "unpooled by switches", picture: paint(placed, grey) },
          { caption: "… made dense", picture: paint(dense, grey) },
          { caption: "unpooled without", picture: paint(cornered, grey) },
          { caption: "… made dense", picture: paint(smeared, grey) },
        ],
        { width: 130 },
      ),
    );
    const ones = planeFrom(10, 10, () => 1);
    const [uneven, even] = [
      await enlarged(ones, [1, 1, 1], 0),
      await enlarged(ones, [0.5, 0.5, 0.5, 0.5], 1),
    ];
    lab.figure("uneven", kindsInside(uneven).join(" "), "shares that pixels get of a 3×3 mask at stride 2");
    lab.figure("even", kindsInside(even).join(" "), "of a 4×4 mask");
    const light = lumaOf(halved(halved(scene())));
    lab.drawing(
      "deconvolution",
      panels(
        [
          { caption: "a small picture", picture: paint(light, grey), note: `${light.width}×${light.height}` },
          {
            caption: "twice as large: 4×4 mask",
            picture: paint(await enlarged(light, [0.25, 0.75, 0.75, 0.25], 1), grey),
            note: "¼ ¾ ¾ ¼: straight lines between pixels",
          },
          {
            caption: "3×3 mask of ones",
            picture: paint(await enlarged(light, [1, 1, 1], 1), { colors: "gray" }),
            note: "a checkerboard",
          },
        ],
        { width: 230 },
      ),
    );
  },
  exercise: {
    question:
      "A transposed convolution of 4×4 at stride 2, cut by 1 at each edge, enlarges 7×7. To how many rows?",
    answer: 14,
    why: "(7 − 1)·2 + 4 − 2·1 = 14.",
    hint: "Six steps of 2, then the mask's own width, less what is cut.",
  },
});
