// U-Net on shapes (lecture A, "Semantic Segmentation: U-Net").
//
// Every pixel gets a class: ground, disc, square, triangle or cross. What a pixel is of cannot be told from the 3×3 around it: a
// single convolution sees light and edges. U-Net halves the picture until it sees whole shapes, and enlarges again beside what it
// has seen on its way down, which knows where edges lie.
//
//   node examples/course/segmentation.mjs [--samples N] [--epochs N] [--size 40] [--width 0.125] [--seed 1] [--out FOLDER]
//     [--json] [--answer N]
import { Tensor } from "lanewise";
import { paint } from "lanewise/inspect";
import { unet } from "lanewise/models";
import { conv2d, sequential } from "lanewise/nn";
import { accuracy, adam, inMemory, meanIntersectionOverUnion, oneCycle } from "lanewise/train";
import { COLORS } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";
import { panels } from "./shared/panels.mjs";
import { CLASSES, shapeMap, shapeMaps } from "./shared/shape-maps.mjs";
import { trained } from "./shared/training.mjs";

/** Where the numbers of the pictures that networks are tested on begin: no training comes so far. */
const HELD_OUT = 1_000_000;

const OPTIONS = {
  samples: { type: "string", default: "1600" },
  epochs: { type: "string", default: "8" },
  size: { type: "string", default: "40" },
  width: { type: "string", default: "0.125" },
  seed: { type: "string", default: "1" },
};

/** One convolution, which sees the 3×3 around a pixel. */
const pixelClassifier = ({ size, seed }) =>
  sequential({ input: [1, size, size], name: "pixels", seed }, [
    conv2d({ filters: CLASSES.length, kernelSize: 3, padding: 1 }),
  ]);

/** The paper's network, narrower and not as deep, its maps normalised. */
const segmenter = ({ size, width, seed }) =>
  unet({
    size,
    width,
    seed,
    classes: CLASSES.length,
    depth: 3,
    padded: true,
    normalized: true,
    dropoutRate: 0,
  });

/** What a network takes each pixel of a picture for. */
function classesOf(trainer, picture, size) {
  const { data } = trainer.predict(new Tensor("float32", picture, [1, 1, size, size]));
  return Int32Array.from({ length: size * size }, (_, i) => {
    const scores = CLASSES.map((_, c) => data[c * size * size + i]);
    return scores.indexOf(Math.max(...scores));
  });
}

/** Ground white, each class in a colour of its own. */
function coloured(classes, size) {
  const data = new Uint8ClampedArray(size * size * 4).fill(255);
  classes.forEach((kind, i) => {
    if (kind === 0) return;
    const color = Number.parseInt(COLORS[kind - 1].slice(1), 16);
    data.set([color >> 16, (color >> 8) & 255, color & 255], i * 4);
  });
  return { data, width: size, height: size };
}

await experiment({
  title: "U-Net on shapes",
  lecture: "A: Semantic Segmentation: U-Net",
  options: OPTIONS,
  async run(lab, values) {
    const given = Object.fromEntries(Object.keys(OPTIONS).map((key) => [key, Number(values[key])]));
    const { samples, epochs, size, seed } = given;
    const train = await inMemory(shapeMaps({ first: 0, length: samples, size }));
    const test = await inMemory(shapeMaps({ first: HELD_OUT, length: 200, size }));
    const scored = async (network, learningRate) => {
      const trainer = await trained(network, train, {
        epochs,
        batchSize: 4,
        seed,
        optimizer: adam({ learningRate: oneCycle({ learningRate }) }),
        metrics: [meanIntersectionOverUnion(), accuracy()],
      });
      return { trainer, scores: await trainer.evaluate(test) };
    };
    const pixels = await scored(pixelClassifier(given), 0.02);
    const whole = await scored(segmenter(given), 0.008);
    lab.figure("pixels", pixels.scores["mean IoU"], "mean IoU of one 3×3 convolution, on pictures held out");
    lab.figure("unet", whole.scores["mean IoU"], "mean IoU of U-Net");
    lab.figure("pixelsRight", 100 * pixels.scores.accuracy, "% of pixels that the convolution gets right");
    lab.figure("unetRight", 100 * whole.scores.accuracy, "% of pixels that U-Net gets right");
    const shown = [0, 1, 2].flatMap((index) => {
      const { x, y } = shapeMap(HELD_OUT + index, size);
      const mapOf = ({ trainer }) => coloured(classesOf(trainer, x, size), size);
      const seen = paint({ data: x, width: size, height: size }, { colors: "gray", from: 0, to: 1 });
      return [seen, coloured(y, size), mapOf(pixels), mapOf(whole)];
    });
    const captions = ["the picture", "the truth", "one convolution", "U-Net"];
    lab.drawing(
      "segmentation",
      panels(
        shown.map((picture, i) => ({ caption: captions[i % 4], picture })),
        { columns: 4, width: 144 },
      ),
    );
    for (const { trainer } of [pixels, whole]) trainer.release();
  },
  exercise: {
    question:
      "A square of 10×10 pixels is found as large as it is, but two pixels too far to the right. What is its IoU?",
    answer: 80 / 120,
    why: "80 pixels are in both, 100 + 100 − 80 = 120 in either.",
    hint: "How many pixels are in both squares, and how many in either?",
  },
});
