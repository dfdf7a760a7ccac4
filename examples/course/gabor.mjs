// Gabor's filters beside those that a network has learnt (lecture A, "Gabor filters").
//
// A bank of g(x, y; λ, θ, φ, σ, γ) over orientations and wavelengths; and, for each filter of a network's first convolution, the
// Gabor filter that comes closest to it. How close is the share of the filter's power that the best one explains (the square of
// their cosine, means removed); random filters, to which Gabor's are fitted as well, say what a good fit is worth.
//
//   node examples/course/gabor.mjs [--model FILE.onnx] [--out FOLDER] [--json] [--answer N]
import { readFileSync } from "node:fs";
import { filtersOf, networkFromModel, paint, planeOf } from "lanewise/inspect";
import { conv2d, sequential } from "lanewise/nn";
import { experiment } from "./shared/experiment.mjs";
import { gabor, withoutMean } from "./shared/filters.mjs";
import { correlate } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { halved, modelFile, scene } from "./shared/pictures.mjs";
import { combined, cosine, lumaOf, mapped } from "./shared/planes.mjs";

const EIGHTHS = Array.from({ length: 8 }, (_, i) => (i * Math.PI) / 8);

/** A row a wavelength, a column an orientation. */
const BANK = [6, 10].flatMap((wavelength) =>
  EIGHTHS.map((theta) =>
    withoutMean(gabor(21, { wavelength, theta, phase: 0, sigma: wavelength / 2, gamma: 0.6 })),
  ),
);

/** Gabor filters of a size to choose the nearest from: 8 orientations, 4 phases, several lengths, widths and places. */
function candidates(size) {
  const places = [-1, 0, 1];
  const all = [];
  for (const wavelength of [3, 4, 6, 9, 14])
    for (const theta of EIGHTHS)
      for (const phase of [0, 0.25, 0.5, 0.75].map((half) => half * Math.PI))
        for (const sigma of [1, 1.5, 2.5, 4])
          for (const gamma of [0.5, 1])
            for (const dx of places)
              for (const dy of places)
                all.push(withoutMean(gabor(size, { wavelength, theta, phase, sigma, gamma, dx, dy })));
  return all;
}

/** The candidate nearest to a filter, of its sign, and how much of its power it explains. */
function nearest(filter, all) {
  const wanted = withoutMean(filter);
  let best = { share: -1, picture: undefined };
  for (const candidate of all) {
    const likeness = cosine(wanted.data, candidate.data);
    if (likeness ** 2 > best.share)
      best = { share: likeness ** 2, picture: mapped(candidate, (value) => value * Math.sign(likeness)) };
  }
  return best;
}

/** A network's first filters, colours added up; 24 at most. */
function firstFilters(network) {
  const filters = filtersOf(network);
  const [count, channels] = filters.dims;
  return Array.from({ length: Math.min(count, 24) }, (_, filter) =>
    Array.from({ length: channels }, (_, channel) => planeOf(filters, channel, filter)).reduce((sum, plane) =>
      combined(sum, plane, (a, b) => a + b),
    ),
  );
}

const untrained = (kernelSize) =>
  sequential({ input: [1, 32, 32], seed: 5 }, [conv2d({ filters: 24, kernelSize })]);

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

await experiment({
  title: "Gabor's filters and learnt ones",
  lecture: "A: Gabor filters",
  options: { model: { type: "string" } },
  async run(lab, { model }) {
    const learnt = firstFilters(
      networkFromModel(model === undefined ? modelFile("lenet5-mnist.onnx") : readFileSync(model)),
    );
    const { width } = learnt[0];
    const random = firstFilters(untrained(width));
    const all = candidates(width);
    const fits = learnt.map((filter) => nearest(filter, all));
    const chance = random.map((filter) => nearest(filter, all).share);
    lab.figure("filters", learnt.length, `filters of ${width}×${width} looked at`);
    lab.figure(
      "explained",
      median(fits.map(({ share }) => share)),
      "of a filter's power is its nearest Gabor filter's (median)",
    );
    lab.figure("byChance", median(chance), "of an untrained filter's");
    lab.drawing(
      "bank",
      panels(
        BANK.map((filter, i) => ({
          caption: `λ = ${i < 8 ? 6 : 10}, θ = ${((i % 8) * 22.5).toString()}°`,
          picture: paint(filter, { colors: "gray", from: -1, to: 1 }),
        })),
        { columns: 8, width: 92 },
      ),
    );
    lab.drawing(
      "learnt",
      panels(
        [
          ...learnt.map((filter, i) => ({
            caption: `learnt ${i + 1}`,
            picture: paint(withoutMean(filter), { colors: "diverging" }),
          })),
          ...fits.map(({ picture, share }, i) => ({
            caption: `nearest to ${i + 1}`,
            picture: paint(picture, { colors: "diverging" }),
            note: `${Math.round(100 * share)} % explained`,
          })),
        ],
        { columns: Math.min(learnt.length, 12), width: 92 },
      ),
    );
    const light = lumaOf(halved(scene()));
    const maps = await correlate(light, [BANK[8], BANK[12]]);
    lab.drawing(
      "scene",
      panels(
        [
          { caption: "luma", picture: paint(light, { colors: "gray" }) },
          { caption: "λ = 10, θ = 0°: upright", picture: paint(maps[0], { colors: "diverging" }) },
          { caption: "λ = 10, θ = 90°: level", picture: paint(maps[1], { colors: "diverging" }) },
        ],
        { width: 220 },
      ),
    );
  },
  exercise: {
    question: "How many numbers say what a Gabor filter of 21×21 is, apart from its size?",
    answer: 5,
    why: "λ, θ, φ, σ, γ: five numbers for 441 taps. A network that learns its filters pays for each tap.",
    hint: "Count what stands behind the semicolon in g(x, y; …).",
  },
});
