// A filter as a template (lecture A, "Filter as a template"; B, "Cross-Correlation: Example").
//
// A filter answers most to what looks like itself: its weighted sum with a patch is greatest, among patches of one length, for the
// patch that is the filter (Cauchy and Schwarz). So a cross-correlation finds a pattern, and its answers to two patterns tell
// them apart. The lectures' own two patterns are not at hand; these are a cross and a ring of ±1.
//
//   node examples/course/template-matching.mjs [--out FOLDER] [--json] [--answer N]
import { paint, peakOf } from "lanewise/inspect";
import { experiment } from "./shared/experiment.mjs";
import { correlate } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { randomFrom } from "./shared/pictures.mjs";
import { combined, planeFrom, planeOfRows, sumOf } from "./shared/planes.mjs";

const patternOf = (...rows) =>
  planeOfRows(rows.map((row) => [...row].map((character) => (character === "#" ? 1 : -1))));
const CROSS = patternOf("#...#", ".#.#.", "..#..", ".#.#.", "#...#");
const RING = patternOf(".###.", "#...#", "#...#", "#...#", ".###.");

/** Where the patterns lie in the picture: their top left corners. */
const CROSSES = [
  [4, 3],
  [21, 16],
];
const RINGS = [
  [18, 4],
  [6, 17],
];

/** Both patterns twice among noise of half their height. */
function pictureOfPatterns() {
  const random = randomFrom(7);
  const places = [...CROSSES.map((place) => [CROSS, place]), ...RINGS.map((place) => [RING, place])];
  return planeFrom(30, 26, (x, y) => {
    const hit = places.find(([, [left, top]]) => x >= left && x < left + 5 && y >= top && y < top + 5);
    const noise = random() - 0.5;
    return (hit === undefined ? 0 : hit[0].data[(y - hit[1][1]) * 5 + x - hit[1][0]]) + noise;
  });
}

/** Where a map is greatest, and where next, away from the first. */
function twoPeaks(map) {
  const first = peakOf(map);
  const away = planeFrom(map.width, map.height, (x, y) =>
    Math.hypot(x - first.x, y - first.y) < 3 ? -Infinity : map.data[y * map.width + x],
  );
  const second = peakOf(away);
  return [first, second].map(({ x, y }) => `${x},${y}`).sort();
}

const product = (a, b) => sumOf(combined(a, b, (p, q) => p * q));

await experiment({
  title: "A filter as a template",
  lecture: "A: Filter as a template; B: Cross-Correlation: Example",
  async run(lab) {
    lab.table("products", "pattern · filter, of 25 taps", [
      { pattern: "cross", "cross filter": product(CROSS, CROSS), "ring filter": product(CROSS, RING) },
      { pattern: "ring", "cross filter": product(RING, CROSS), "ring filter": product(RING, RING) },
    ]);
    const picture = pictureOfPatterns();
    const [crosses, rings] = await correlate(picture, [CROSS, RING]);
    lab.figure("own", product(CROSS, CROSS), "a filter's answer to its own pattern");
    lab.figure("other", product(CROSS, RING), "to the other one");
    lab.figure(
      "crosses",
      twoPeaks(crosses).join(" "),
      "top left corners of the two best places for the cross",
    );
    lab.figure("rings", twoPeaks(rings).join(" "), "top left corners of the two best places for the ring");
    // Each dot makes a copy of the mask turned by half a circle; the ring looks the same then.
    const dots = planeFrom(16, 16, (x, y) => Number((x === 4 && y === 4) || (x === 11 && y === 11)));
    const [copies] = await correlate(dots, [RING], { padding: "same" });
    lab.drawing(
      "template-matching",
      panels(
        [
          { caption: "filter 1: a cross", picture: paint(CROSS, { colors: "gray" }) },
          { caption: "filter 2: a ring", picture: paint(RING, { colors: "gray" }) },
          {
            caption: "two dots ⋆ the ring",
            picture: paint(copies, { colors: "diverging" }),
            note: "looks like the mask",
          },
          { caption: "a picture, with noise", picture: paint(picture, { colors: "gray" }) },
          { caption: "picture ⋆ cross", picture: paint(crosses), note: "brightest where the crosses begin" },
          { caption: "picture ⋆ ring", picture: paint(rings), note: "brightest where the rings begin" },
        ],
        { columns: 3, width: 190 },
      ),
    );
  },
  exercise: {
    question: "The cross filter slides over the negative of a cross (black for white). What does it answer?",
    answer: -25,
    why: "All 25 products are (+1)·(−1) or (−1)·(+1): the filter takes the negative for its opposite, which rectifiers then drop.",
    hint: "Each of the 25 taps meets its own number with the other sign.",
  },
});
