// A network untangles what classes are tangled in (lecture B, "Manifold Untangling": DiCarlo and Cox; neighbourhood hit
// 89.85 → 98.52).
//
// Digits are points in a space of 784 axes, where those of one class lie wound into those of another. Two convolutions and a dense
// layer take them, step by step, to where neighbours are of one class. t-SNE draws both ends in the plane; the neighbourhood hit
// counts, of the six nearest neighbours of each point there, those of its class.
//
//   node examples/course/manifold-untangling.mjs [--mnist FOLDER] [--samples N] [--epochs N] [--points N] [--seed 1]
//     [--out FOLDER] [--json] [--answer N]
import { classEllipses, embed, layerRows, neighborhoodHit, rowsOf, scatterChart } from "lanewise/inspect";
import { conv2d, dense, flatten, maxPool2d, relu, sequential } from "lanewise/nn";
import { subset } from "lanewise/train";
import { experiment } from "./shared/experiment.mjs";
import { DIGIT_OPTIONS, digitSets, trained } from "./shared/training.mjs";

/** Two convolutions and a dense layer; what it gives is the latent space, from which another one reads the classes. */
const network = (seed) =>
  sequential({ input: [1, 28, 28], name: "untangling", seed }, [
    conv2d({ filters: 16, kernelSize: 5 }),
    relu(),
    maxPool2d({ name: "first", kernelSize: 2 }),
    conv2d({ filters: 32, kernelSize: 5 }),
    relu(),
    maxPool2d({ name: "second", kernelSize: 2 }),
    flatten(),
    dense({ units: 64 }),
    relu({ name: "latent" }),
    dense({ units: 10 }),
  ]);

/** What the lecture has measured on MNIST, in %. */
const LECTURE = { input: 89.85, latent: 98.52 };

const LAYERS = {
  first: "the first convolution",
  second: "the second convolution",
  latent: "the dense layer",
};

/** Of the plane that ellipses cover, how often more than once: their areas over that of their union, less 1. */
function overlapOf(points, labels) {
  const ellipses = classEllipses(points, labels, { deviations: 1 });
  const [low, high] = [0, 1]
    .map((axis) => {
      const along = points.map((point) => point[axis]);
      return [Math.min(...along), Math.max(...along)];
    })
    .reduce(([a, b], [c, d]) => [
      [a, c],
      [b, d],
    ]);
  const steps = 200;
  let [covered, times] = [0, 0];
  for (let i = 0; i < steps ** 2; i++) {
    const place = [i % steps, Math.floor(i / steps)].map(
      (step, axis) => low[axis] + ((step + 0.5) / steps) * (high[axis] - low[axis]),
    );
    const inside = ellipses.filter((ellipse) => isInside(ellipse, place)).length;
    covered += Number(inside > 0);
    times += inside;
  }
  return times / covered - 1;
}

function isInside({ center, radii, angle }, [x, y]) {
  const [dx, dy] = [x - center[0], y - center[1]];
  const along = dx * Math.cos(angle) + dy * Math.sin(angle);
  const across = dy * Math.cos(angle) - dx * Math.sin(angle);
  return (along / radii[0]) ** 2 + (across / radii[1]) ** 2 < 1;
}

await experiment({
  title: "Manifold untangling",
  lecture: "B: Manifold Untangling",
  options: { ...DIGIT_OPTIONS, points: { type: "string", default: "1000" } },
  async run(lab, values) {
    const { mnist: folder, samples = "10000", epochs = "5" } = values;
    const [points, seed] = [Number(values.points), Number(values.seed)];
    const { train, test } = await digitSets({ folder, samples: Number(samples) });
    const trainer = await trained(network(seed), train, { epochs: Number(epochs), seed });
    const { accuracy } = await trainer.evaluate(test);
    const model = trainer.network();
    trainer.release();
    const shown = subset(test, 0, points);
    const input = await rowsOf(shown);
    const spaces = [{ space: "the pixels", ...input }];
    for (const [layer, space] of Object.entries(LAYERS))
      spaces.push({ space, ...(await layerRows(model, layer, shown)) });
    lab.table(
      "layers",
      "Neighbourhood hit, in the space itself",
      spaces.map(({ space, rows, labels }) => ({
        space,
        axes: rows[0].length,
        "hit, %": 100 * neighborhoodHit(rows, labels),
      })),
    );
    const { labels } = input;
    const maps = { input: input.rows, latent: spaces.at(-1).rows };
    const titles = { input: "Digits as pixels", latent: "Digits behind two convolutions and a dense layer" };
    for (const [key, rows] of Object.entries(maps)) {
      const places = await embed(rows, { seed });
      const hit = 100 * neighborhoodHit(places, labels);
      lab.figure(
        `${key}Hit`,
        hit,
        `% neighbourhood hit by t-SNE of the ${key} space (the lecture: ${LECTURE[key]})`,
      );
      lab.figure(
        `${key}Overlap`,
        overlapOf(places, labels),
        "times over is what the classes' ellipses cover",
      );
      lab.drawing(
        `${key}-space`,
        scatterChart(places, labels, {
          deviations: 1,
          title: `${titles[key]}: neighbourhood hit ${hit.toFixed(2)} %`,
        }),
      );
    }
    lab.figure("accuracy", 100 * accuracy, "% of digits that were held out are told apart");
  },
  exercise: {
    question:
      "Ten classes of as many points lie so tangled that neighbours are drawn by lot. What is the neighbourhood hit, in %?",
    answer: 10,
    why: "One neighbour of ten is then of a point's own class.",
    hint: "How likely is a neighbour drawn by lot to be of the same class?",
  },
});
