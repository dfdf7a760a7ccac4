// The typical architecture (lecture A, "Typical architecture"): [(CONV-RELU)^N-POOL?]^M-(FC-RELU)^K-SOFTMAX.
//
// A function of N, M, K and whether there are pools, in a dozen lines of layers; run, counted and drawn for some of them. VGG-16 is such a
// network but for its N, which is 2, 2, 3, 3, 3.
//
//   node examples/course/architecture-pattern.mjs [--out FOLDER] [--json] [--answer N]
import { receptiveFieldsOf, summarizeNetwork } from "lanewise/inspect";
import { vgg16 } from "lanewise/models";
import { chain, conv2d, dense, flatten, maxPool2d, relu, sequential, softmax } from "lanewise/nn";
import { rect, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";
import { outputOf, tensorOf } from "./shared/networks.mjs";
import { randomFrom } from "./shared/pictures.mjs";
import { planeFrom } from "./shared/planes.mjs";

const SIZE = 32;
const CLASSES = 10;
const PATTERNS = [
  { N: 0, M: 0, K: 1, pool: false },
  { N: 1, M: 1, K: 0, pool: true },
  { N: 1, M: 2, K: 1, pool: true },
  { N: 2, M: 3, K: 1, pool: true },
  { N: 2, M: 3, K: 1, pool: false },
  { N: 3, M: 3, K: 2, pool: true },
];

/** [(CONV-RELU)^N-POOL?]^M-(FC-RELU)^K-SOFTMAX: maps double from stage to stage, from 16 on; FC have 64 units. */
function patternLayers({ N, M, K, pool }) {
  const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));
  const stage = (m) => [
    ...times(N, (n) =>
      chain([
        conv2d({ name: `conv${m + 1}.${n + 1}`, filters: 16 * 2 ** m, kernelSize: 3, padding: 1 }),
        relu(),
      ]),
    ),
    ...(pool ? [maxPool2d({ name: `pool${m + 1}`, kernelSize: 2 })] : []),
  ];
  return [
    ...times(M, stage).flat(),
    flatten(),
    ...times(K, (k) => chain([dense({ name: `fc${k + 1}`, units: 64 }), relu()])),
    dense({ name: "scores", units: CLASSES }),
    softmax(),
  ];
}

const networkOf = (pattern) => sequential({ input: [3, SIZE, SIZE] }, patternLayers(pattern));

/** VGG-16's convolutions between one pool and the next. */
function vggStages() {
  const ops = vgg16({ weights: "counted" })
    .graph.nodes.map(({ op }) => op)
    .filter((op) => op === "Conv" || op === "MaxPool");
  return ops
    .join(" ")
    .split("MaxPool")
    .map((stage) => stage.split("Conv").length - 1)
    .filter((count) => count > 0);
}

await experiment({
  title: "The typical architecture",
  lecture: "A: Typical architecture",
  async run(lab) {
    const random = randomFrom(1);
    const picture = tensorOf([0, 1, 2].map(() => planeFrom(SIZE, SIZE, () => random())));
    const rows = [];
    for (const pattern of PATTERNS) {
      const network = networkOf(pattern);
      const { parameters, macs, layers } = summarizeNetwork(network);
      const { data } = await outputOf(network, picture);
      const last = layers.findLast(({ op }) => op === "Conv" || op === "MaxPool");
      const field = last === undefined ? undefined : rowsSeenBy(network, last);
      rows.push({
        ...pattern,
        pool: pattern.pool ? "yes" : "no",
        parameters,
        "multiply-accumulates": macs,
        "last maps see": field,
        "Σ softmax": Number(data.reduce((sum, value) => sum + value, 0).toFixed(6)),
      });
    }
    lab.table("patterns", `pictures of ${SIZE}×${SIZE}×3, ${CLASSES} classes`, rows);
    lab.figure(
      "perceptron",
      rows[0].parameters,
      "parameters where there is no convolution: a perceptron of one hidden layer",
    );
    lab.figure("withPools", rows[3].parameters, "parameters of N = 2, M = 3, K = 1 with pools");
    lab.figure("withoutPools", rows[4].parameters, "without: what is behind the last maps pays for them");
    lab.figure("vgg", vggStages().join(" "), "convolutions before each pool of VGG-16");
    lab.drawing("architecture-pattern", drawing(networkOf(PATTERNS[3])));
  },
  exercise: {
    question:
      "How many layers with weights has the pattern with N = 2, M = 5, K = 2? (The last dense layer before the softmax is one more.)",
    answer: 13,
    why: "2·5 convolutions, 2 FC, and the scores: 10 + 2 + 1, VGG-13.",
    hint: "N convolutions in each of M stages, K dense layers, and the one that gives the scores.",
  },
});

/** Rows that one value of a layer sees, "all" where that is the whole picture. */
function rowsSeenBy(network, { name }) {
  const field = receptiveFieldsOf(network).get(name);
  return field === undefined ? SIZE : field[0].size;
}

/** Every layer as a block: as high as its maps, as wide as there are many. */
function drawing(network) {
  const { layers, facts } = summarizeNetwork(network);
  const colours = { Conv: "#4477aa", MaxPool: "#ee6677", Gemm: "#228833", Softmax: "#ccbb44" };
  const names = { Conv: "CONV-RELU", MaxPool: "POOL", Gemm: "FC", Softmax: "SOFTMAX" };
  let left = 20;
  const blocks = layers
    .filter(({ op }) => op in colours)
    .map(({ op, name, output }) => {
      const [, maps, rows = undefined] = output ?? facts.get(name).dims;
      const [width, height] = rows === undefined ? [14, 30 + maps] : [10 + maps / 3, 8 + rows * 4];
      const block = [
        rect(left, 110 - height / 2, width, height, { fill: colours[op] }),
        text(left + width / 2, 110 - height / 2 - 6, rows === undefined ? maps : `${maps}`, {
          anchor: "middle",
          size: 11,
        }),
        rows === undefined
          ? []
          : text(left + width / 2, 110 + height / 2 + 14, `${rows}²`, { anchor: "middle", size: 11 }),
      ];
      left += width + 22;
      return block;
    });
  const legend = Object.keys(colours).map((op, i) => [
    rect(20 + i * 120, 216, 14, 14, { fill: colours[op] }),
    text(40 + i * 120, 228, names[op]),
  ]);
  return svg(Math.max(left, 500), 242, [blocks, legend]);
}
