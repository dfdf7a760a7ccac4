// "Welcome" found by scanning a recording (lecture A, "Problem with MLP", "Solution: Scan!").
//
// A network learns from windows of half a second whether "Welcome" stands in their middle. To find the word in half a minute, it is
// moved along, as a convolution moves its kernel: the network is all convolutions, so opened at the length of the recording it
// gives a score for every place at once, and neighbouring windows share their work. The other words are made of the same sounds.
//
//   node examples/course/welcome.mjs [--samples N] [--epochs N] [--words N] [--seed 1] [--out FOLDER] [--json] [--answer N]
import { Tensor } from "lanewise";
import { summarizeNetwork } from "lanewise/inspect";
import { conv1d, relu, sequential } from "lanewise/nn";
import { adam, exportNetwork, fromGenerator, inMemory, networkFromModel, oneCycle } from "lanewise/train";
import { COLORS, line, polyline, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";
import { outputOf } from "./shared/networks.mjs";
import { farthest } from "./shared/planes.mjs";
import { RATE, recording, soundWindow } from "./shared/sounds.mjs";
import { trained } from "./shared/training.mjs";

/** What the network sees, and from one place that it looks at to the next. */
const [WINDOW, STRIDE] = [1024, 32];
/** What is found within so many seconds counts. */
const TOLERANCE = 0.06;

/** From a window to the scores of "something else" and "Welcome". */
const network = (seed) =>
  sequential({ input: [1, WINDOW], name: "welcome", seed }, [
    conv1d({ filters: 16, kernelSize: 16, stride: 4 }),
    relu(),
    conv1d({ filters: 24, kernelSize: 9, stride: 4 }),
    relu(),
    conv1d({ filters: 24, kernelSize: 8, stride: 2 }),
    relu(),
    conv1d({ filters: 2, kernelSize: 28 }),
  ]);

const windows = (first, length) =>
  inMemory(
    fromGenerator({
      name: "windows",
      length,
      inputDims: [1, WINDOW],
      labelDims: [1],
      classes: 2,
      sample: (index) => soundWindow(first + index, WINDOW),
    }),
  );

/** The same weights for signals of another length. */
const opened = (model, length) => networkFromModel(exportNetwork(model), { inputDims: [1, length] });

const scan = async (model, signal) =>
  (await outputOf(opened(model, signal.length), new Tensor("float32", signal, [1, 1, signal.length]))).data;

/** By how much "Welcome" has more than anything else, from −1 to 1, place by place. */
function certainty(scores) {
  const places = scores.length / 2;
  return Array.from({ length: places }, (_, i) => Math.tanh((scores[places + i] - scores[i]) / 2));
}

/** The middles, in seconds, of the windows that are surest of their neighbourhood. */
function peaksOf(sure) {
  const reach = Math.round((0.25 * RATE) / STRIDE);
  return sure.flatMap((value, i) => {
    const around = sure.slice(Math.max(0, i - reach), i + reach + 1);
    return value > 0 && value === Math.max(...around) && sure[i - 1] !== value ? [secondsAt(i)] : [];
  });
}

const secondsAt = (place) => (place * STRIDE + WINDOW / 2) / RATE;

/** Of all scores, how far those of a scan are from those of windows that are cut out and looked at by themselves. */
async function againstWindows(model, signal, scores) {
  const places = scores.length / 2;
  const cut = Float32Array.from({ length: places * WINDOW }, (_, i) => {
    return signal[Math.floor(i / WINDOW) * STRIDE + (i % WINDOW)];
  });
  const { data } = await outputOf(model, new Tensor("float32", cut, [places, 1, WINDOW]));
  return farthest(
    scores,
    scores.map((_, i) => data[(i % places) * 2 + Math.floor(i / places)]),
  );
}

await experiment({
  title: "“Welcome” found by scanning a recording",
  lecture: "A: Problem with MLP, Solution: Scan!",
  options: {
    samples: { type: "string", default: "4000" },
    epochs: { type: "string", default: "6" },
    words: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
  },
  async run(lab, values) {
    const [samples, epochs, words, seed] = ["samples", "epochs", "words", "seed"].map((key) =>
      Number(values[key]),
    );
    const trainer = await trained(network(seed), await windows(0, samples), {
      epochs,
      seed,
      optimizer: adam({ learningRate: oneCycle({ learningRate: 0.005 }) }),
    });
    const { accuracy } = await trainer.evaluate(await windows(1_000_000, 1000));
    lab.figure("windows", 100 * accuracy, "% of windows that were held out are told apart");
    const model = trainer.network();
    trainer.release();
    const { x: signal, said } = recording(seed, words);
    const scores = await scan(model, signal);
    const sure = certainty(scores);
    const found = peaksOf(sure);
    const spoken = said.filter(({ word }) => word === "welcome").map(({ seconds }) => seconds);
    const misses = spoken.map((at) => Math.min(...found.map((peak) => Math.abs(peak - at))));
    lab.figure("spoken", spoken.length, `times “Welcome” is said in ${words} seconds, among other words`);
    lab.figure("found", misses.filter((miss) => miss < TOLERANCE).length, `are found within ${TOLERANCE} s`);
    lab.figure("apart", Math.max(...misses), "s is the farthest that what is found is from what was said");
    const isSpoken = (peak) => spoken.some((at) => Math.abs(peak - at) < TOLERANCE);
    lab.figure("false", found.filter((peak) => !isSpoken(peak)).length, "are found where nobody said it");
    const late = Float32Array.from(signal, (_, i) => signal[i - 20 * STRIDE] ?? 0);
    const moved = certainty(await scan(model, late));
    lab.figure(
      "shift",
      farthest(moved.slice(20), sure.slice(0, -20)),
      "at most, scores differ when all is said 0.32 s later",
    );
    lab.figure(
      "cut",
      await againstWindows(model, signal, scores),
      "at most, from scores of windows cut out and looked at one by one",
    );
    const macs = (length) => summarizeNetwork(opened(model, length)).macs;
    lab.figure(
      "work",
      (macs(WINDOW) * sure.length) / macs(signal.length),
      "times the work of the scan, if every window is looked at by itself",
    );
    lab.drawing("welcome", drawn(signal, sure, said, found, Math.min(10, words)));
  },
  exercise: {
    question: `The network's windows are ${WINDOW} samples long, ${STRIDE} apart. How many scores does a recording of 4096 samples have?`,
    answer: 97,
    why: "(4096 − 1024) / 32 + 1.",
    hint: "As the size of a convolution's output: by how much can the window move, in steps of 32?",
  },
});

/** The first seconds: the wave, what was said, the network's certainty, and where it found the word. */
function drawn(signal, sure, said, found, seconds) {
  const [width, left] = [900, 20];
  const across = (second) => left + (second / seconds) * (width - 2 * left);
  const columns = 430;
  const step = (seconds * RATE) / columns;
  const envelope = Array.from({ length: columns }, (_, i) => {
    const part = signal.subarray(Math.floor(i * step), Math.ceil((i + 1) * step));
    const x = across((i * seconds) / columns);
    return [
      [x, Math.round(75 - 36 * Math.max(...part))],
      [x, Math.round(75 - 36 * Math.min(...part))],
    ];
  }).flat();
  const curve = sure
    .map((value, i) => [across(secondsAt(i)), 170 - 36 * value])
    .filter(([x]) => x <= width - left);
  return svg(width, 240, [
    said
      .filter((one) => one.seconds < seconds)
      .map(({ word, seconds: at }) =>
        text(across(at), 20, word === "welcome" ? "Welcome" : word, {
          anchor: "middle",
          bold: word === "welcome",
          color: word === "welcome" ? COLORS[1] : "#57606a",
        }),
      ),
    polyline(envelope, { stroke: COLORS[0], thick: 0.7 }),
    line(left, 170, width - left, 170, { stroke: "#8c959f", dash: "3 3" }),
    polyline(curve, { stroke: COLORS[2], thick: 1.5 }),
    found
      .filter((at) => at < seconds)
      .map((at) => [
        line(across(at), 28, across(at), 208, { stroke: COLORS[1], dash: "2 3" }),
        text(across(at), 222, `${at.toFixed(2)} s`, { anchor: "middle", size: 11, color: COLORS[1] }),
      ]),
    text(left, 126, "score of each window, drawn at its middle", { size: 11, color: COLORS[2] }),
  ]);
}
