// The deeper, the better? (lecture C, "The deeper, the better?")
//
// The winners of ILSVRC became deeper year by year. Here networks of one to twenty-four 3×3 convolutions, all of eight maps, tell small
// digits apart by the mean of their last maps. A few layers see strokes, more see digits; but a plain stack of many learns nothing, and
// with shortcuts around pairs of layers it learns after all (He et al. 2015, arXiv:1512.03385).
//
//   node examples/course/depth.mjs [--samples N] [--epochs N] [--depths 1,2,4,8,24] [--seed 1] [--out FOLDER] [--json] [--answer N]
import { add, conv2d, dense, flatten, globalAveragePool2d, network, relu } from "lanewise/nn";
import { adam, digits, inMemory, oneCycle } from "lanewise/train";
import { chart } from "./shared/chart.mjs";
import { experiment } from "./shared/experiment.mjs";
import { errorOf, trained } from "./shared/training.mjs";

const [SIDE, MAPS] = [16, 8];

/** Layers and top-5 error, %, of the winners (2014: the second as well), as the challenge and the papers have them. */
const WINNERS = [
  { network: "AlexNet", year: "2012", layers: 8, error: 16.4 },
  { network: "ZFNet", year: "2013", layers: 8, error: 11.7 },
  { network: "VGG-19", year: "2014", layers: 19, error: 7.3 },
  { network: "GoogLeNet", year: "2014", layers: 22, error: 6.7 },
  { network: "ResNet-152", year: "2015", layers: 152, error: 3.57 },
];

const convolution = () => conv2d({ filters: MAPS, kernelSize: 3, padding: 1 });

/** So many convolutions with rectifiers; with shortcuts, each pair but the first layer adds to what goes into it. */
const stack = (depth, { shortcuts, seed }) =>
  network({ input: [1, SIDE, SIDE], name: `${depth} convolutions`, seed }, (x) => {
    let y = relu()(convolution()(x));
    for (let layer = 1; layer < depth; ) {
      const inner = Math.min(2, depth - layer);
      let z = y;
      for (let i = 0; i < inner; i++) z = i === inner - 1 ? convolution()(z) : relu()(convolution()(z));
      y = relu()(shortcuts ? add([y, z]) : z);
      layer += inner;
    }
    return dense({ units: 10 })(flatten()(globalAveragePool2d()(y)));
  });

await experiment({
  title: "The deeper, the better?",
  lecture: "C: The deeper, the better?",
  options: {
    samples: { type: "string", default: "2000" },
    epochs: { type: "string", default: "6" },
    depths: { type: "string", default: "1,2,4,8,24" },
    seed: { type: "string", default: "1" },
  },
  async run(lab, values) {
    const [samples, epochs, seed] = ["samples", "epochs", "seed"].map((key) => Number(values[key]));
    const depths = values.depths.split(",").map(Number);
    const written = (count, from) => inMemory(digits({ count, seed: from, size: SIDE }));
    const [train, test] = [await written(samples, 1), await written(1000, 2)];
    const rows = [];
    for (const depth of depths) {
      const error = async (shortcuts) => {
        const trainer = await trained(stack(depth, { shortcuts, seed }), train, {
          epochs,
          seed,
          batchSize: 16,
          optimizer: adam({ learningRate: oneCycle({ learningRate: 0.005 }) }),
        });
        const wrong = await errorOf(trainer, test);
        trainer.release();
        return wrong;
      };
      const plain = await error(false);
      rows.push({
        convolutions: depth,
        sees: `${2 * depth + 1}×${2 * depth + 1}`,
        plain,
        "with shortcuts": depth < 3 ? plain : await error(true),
      });
    }
    lab.table("depths", `Error on digits held out after ${epochs} epochs, %`, rows);
    lab.table("winners", "ILSVRC: layers and top-5 error, %, as published", WINNERS);
    const curve = (key) => ({
      name: key,
      dots: true,
      points: rows.map((row) => [row.convolutions, row[key]]),
    });
    lab.drawing(
      "depth",
      chart([curve("plain"), curve("with shortcuts")], {
        title: "Convolutions and error",
        x: { label: "convolutions", log: true, ticks: depths },
        y: { label: "error, %", from: 0 },
      }),
    );
    lab.drawing(
      "winners",
      chart([{ name: "winners", dots: true, points: WINNERS.map(({ layers, error }) => [layers, error]) }], {
        title: "ILSVRC 2012 to 2015: layers and top-5 error, as published",
        x: { label: "layers", log: true, ticks: [8, 19, 22, 152].filter((layers) => layers !== 19) },
        y: { label: "top-5 error, %", from: 0 },
      }),
    );
  },
  exercise: {
    question:
      "How many 3×3 convolutions, one behind the other, must there be for a unit to see all of a digit of 16×16?",
    answer: 8,
    why: "Each adds two columns to the first one's three: 8 convolutions see 17, 7 see 15.",
    hint: "A stack of n sees 2n + 1 columns.",
  },
});
