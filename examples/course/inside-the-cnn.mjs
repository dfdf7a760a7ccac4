// Inside the CNN (lecture C, "Inside the CNN", "It seems that"; A, "Feature Visualization").
//
// A classifier that others have trained, from ONNX: its filters, what they make of a picture, how their answers are distributed; the
// gradient of the class's score by the picture, guided backpropagation, deconvnet, Grad-CAM; pictures that excite a channel or a class most,
// layer by layer: edges, then textures, then parts of things.
//
//   node examples/course/inside-the-cnn.mjs [--out FOLDER] [--json] [--answer N]
//     LeNet-5 of the checkout on a digit; or
//     --data FOLDER                                 MobileNetV2 of lanewise's test data on a lighthouse
//     --model FILE.onnx --image FILE.png [--preset imagenet] [--labels FILE.json]
//     --steps N                                     of the ascents, 100 by default
import {
  activationHistograms,
  activationSheet,
  activationsOf,
  filterSheet,
  filtersOf,
  histogramChart,
  inspector,
  maximiseEach,
  overlay,
  paint,
  peakOf,
  receptiveFieldsOf,
} from "lanewise/inspect";
import { fromTensor, softmax } from "lanewise/vision";
import { experiment } from "./shared/experiment.mjs";
import { panels } from "./shared/panels.mjs";
import { SUBJECT_OPTIONS, subjectOf } from "./shared/subject.mjs";

const RECTIFIERS = ["Relu", "Clip"];

/** Rectified feature maps at four depths, or as many as there are: the first, the last, and two between. */
function depthsOf({ graph }) {
  const isMaps = (name) => receptiveFieldsOf({ graph, trainable: new Set() }).has(name);
  const all = graph.nodes.filter(({ op }) => RECTIFIERS.includes(op)).map(({ outputs }) => outputs[0]);
  const maps = all.filter(isMaps);
  const last = maps.length - 1;
  return [...new Set([0, last / 3, (2 * last) / 3, last].map((place) => maps[Math.round(place)]))];
}

/** What a network would take, in colours: from its least number to its greatest, or, where it is even, within what it may be. */
function pictureOfTensor(tensor, range) {
  const [least, greatest] = endsOf(tensor.data);
  return fromTensor(tensor, { range: least < greatest ? [least, greatest] : range });
}

/** A map in colours up to where half a per cent of its numbers lie beyond: they would leave the rest in the dark. */
const brightened = (map) =>
  paint(map, { from: 0, to: map.data.toSorted()[Math.floor(0.995 * map.data.length)] });

/**
 * Pictures that excite the first four channels of rectified maps; of those that stay silent, and so have no gradient to climb, what
 * goes into the rectifier is excited.
 */
async function channelDreams(network, name, options) {
  const before = network.graph.nodes.find(({ outputs }) => outputs[0] === name).inputs[0];
  const goals = [0, 1, 2, 3].map((channel) => ({ channel }));
  const found = await maximiseEach(network, goals, { ...options, of: name });
  const silent = goals.filter((_, i) => found[i].score === 0);
  const woken = silent.length === 0 ? [] : await maximiseEach(network, silent, { ...options, of: before });
  return found.map((dream, i) => woken[silent.indexOf(goals[i])] ?? dream);
}

const endsOf = (numbers) => [
  numbers.reduce((a, b) => Math.min(a, b)),
  numbers.reduce((a, b) => Math.max(a, b)),
];

/** What the network is made of, and what it makes of the picture. */
async function showAnswers(lab, { network, x, batch }, depths) {
  const filters = filtersOf(network);
  lab.figure("filters", filters.dims.join("×"), "filters of the first convolution");
  lab.picture("filters", filterSheet(filters, { zoom: Math.ceil(48 / filters.dims[3]) }));
  const maps = await activationsOf(network, x, depths);
  lab.drawing(
    "feature-maps",
    panels(
      depths.map((name) => ({
        caption: `${maps[name].dims[1]} maps of ${maps[name].dims.slice(2).join("×")}`,
        picture: activationSheet(maps[name], { most: 16, columns: 4 }),
        note: maps[name].dims[1] > 16 ? "the first 16" : undefined,
      })),
      { width: 210 },
    ),
  );
  const histograms = await activationHistograms(network, batch, { values: depths });
  lab.drawing("distributions", histogramChart(histograms, { columns: Math.min(4, depths.length) }));
  lab.table(
    "distributions",
    `answers to ${batch.dims[0]} picture(s)`,
    histograms.map(({ name, mean, std, zeros, max }) => ({
      layer: name,
      mean,
      deviation: std,
      greatest: max,
      "share of zeros": zeros,
    })),
  );
}

/** What speaks for the class. */
async function showReasons(lab, { network, x, seen, classes }) {
  const inside = await inspector(network);
  const saliency = await inside.saliency(x);
  const guided = await inside.saliency(x, { rules: "guidedBackprop", target: saliency.target });
  const deconvnet = await inside.saliency(x, { rules: "deconvnet", target: saliency.target });
  const cam = await inside.gradCam(x, { target: saliency.target });
  const scores = (await activationsOf(network, x, inside.scores))[inside.scores];
  await inside.release();
  const name = classes?.[saliency.target] ?? `class ${saliency.target}`;
  lab.figure("class", name, "is what it sees");
  lab.figure("target", saliency.target, "the class's number");
  lab.figure("probability", softmax(scores.data)[saliency.target], "its probability");
  const { x: column, y: row } = peakOf(cam.map);
  const place = (at, size) => Math.round((100 * (at + 0.5)) / size);
  lab.figure(
    "peak",
    `${place(column, cam.map.width)},${place(row, cam.map.height)}`,
    "per cent from the left and from above: Grad-CAM's peak",
  );
  lab.drawing(
    "reasons",
    panels(
      [
        { caption: name, picture: seen },
        { caption: "gradient", picture: brightened(saliency.map) },
        { caption: "guided backpropagation", picture: brightened(guided.map) },
        { caption: "deconvnet", picture: brightened(deconvnet.map), note: "Zeiler and Fergus 2013" },
        { caption: "Grad-CAM", picture: overlay(seen, cam.map), note: "where the last maps see it" },
      ],
      { width: 180 },
    ),
  );
  return { target: saliency.target, score: saliency.score };
}

/** Pictures that excite channels at every depth, and classes. */
async function showDreams(lab, { small, classes, range }, depths, { target, score, steps }) {
  const climbing = { steps, blur: 0.7, range, seed: 1 };
  const jitter = small.graph.facts.get(small.graph.inputs[0]).dims.at(-1) > 64 ? 4 : 1;
  const items = [];
  for (const [depth, name] of depths.entries()) {
    const found = await channelDreams(small, name, { ...climbing, jitter });
    found.forEach(({ picture }, i) => {
      items.push({
        caption: `depth ${depth + 1}, channel ${i + 1}`,
        picture: pictureOfTensor(picture, range),
      });
    });
  }
  lab.drawing("channels", panels(items, { columns: 4, width: 130 }));
  const wanted = classes !== undefined && classes.length <= 10 ? classes.map((_, i) => i) : [target];
  const found = await maximiseEach(
    small,
    wanted.map((channel) => ({ channel })),
    { ...climbing, jitter },
  );
  lab.figure("pictured", score, "the class's score at the picture");
  lab.figure("maximised", found[wanted.indexOf(target)].score, "at the picture that excites it most");
  lab.drawing(
    "classes",
    panels(
      found.map(({ picture, score: reached }, i) => ({
        caption: classes?.[wanted[i]] ?? `class ${wanted[i]}`,
        picture: pictureOfTensor(picture, range),
        note: `score ${reached.toFixed(1)}`,
      })),
      { columns: Math.min(5, wanted.length), width: 130 },
    ),
  );
}

await experiment({
  title: "Inside the CNN",
  lecture: "C: Inside the CNN, It seems that; A: Feature Visualization",
  options: { ...SUBJECT_OPTIONS, steps: { type: "string", default: "100" } },
  async run(lab, values) {
    const subject = await subjectOf(values);
    const depths = depthsOf(subject.network);
    await showAnswers(lab, subject, depths);
    const seen = await showReasons(lab, subject);
    await showDreams(lab, subject, depths, { ...seen, steps: Number(values.steps) });
  },
  exercise: {
    question:
      "LeNet-5 convolves 5×5, pools 2×2, convolves 5×5, pools 2×2. How many columns of the digit does one of its last 5×5 places see?",
    answer: 16,
    why: "1 → 2 → 2 + 4 = 6 → 12 → 12 + 4 = 16, from the last pool back to the picture.",
    hint: "Go back from one place: a pool doubles what is seen, a 5×5 convolution adds 4.",
  },
});
