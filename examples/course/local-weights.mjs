// Local weights that are not shared (lecture B, "Sparse connectivity, Shared Weights"; Ranzato, CVPR 2013).
//
// A locally connected layer reads windows as a convolution does, but every place has weights of its own. If they all happen to be
// alike it is the convolution; if not, a picture that moves gives other answers, not the same ones elsewhere. What it can do and a
// convolution cannot: answer differently in different places, as is wanted of pictures that are always aligned, faces say.
//
//   node examples/course/local-weights.mjs [--out FOLDER] [--json] [--answer N]
import { paint, summarizeNetwork } from "lanewise/inspect";
import { dense, flatten, initializers, locallyConnected2d, sequential } from "lanewise/nn";
import { experiment } from "./shared/experiment.mjs";
import { gabor, withoutMean } from "./shared/filters.mjs";
import { fixedConv2d, outputOf, planesOf, tensorOf } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { digitSet, randomFrom } from "./shared/pictures.mjs";
import { cosine, farthest, shifted } from "./shared/planes.mjs";

const SIZE = 28;
const WINDOW = 5;
const OUT = SIZE - WINDOW + 1;
const PLACES = OUT * OUT;

const networkOf = (...layers) => sequential({ input: [1, SIZE, SIZE] }, layers);
const local = (weights) =>
  locallyConnected2d({
    filters: 1,
    kernelSize: WINDOW,
    bias: false,
    weightInitializer: initializers.values(weights),
  });

const planeOut = async (network, plane) => planesOf(await outputOf(network, tensorOf([plane])))[0];

/** How like the answers to a moved picture are to the moved answers, away from the edges: 1 where the layer moves along. */
async function movesAlong(network, plane, by) {
  const [there, then] = [await planeOut(network, plane), await planeOut(network, shifted(plane, by, 0))];
  const expected = shifted(there, by, 0);
  const inside = (map) => map.data.filter((_, i) => i % OUT >= by);
  return cosine(inside(then), inside(expected));
}

await experiment({
  title: "Local weights that are not shared",
  lecture: "B: Sparse connectivity, Shared Weights",
  async run(lab) {
    const mask = withoutMean(
      gabor(WINDOW, { wavelength: 5, theta: Math.PI / 4, phase: 1, sigma: 2, gamma: 0.7 }),
    );
    const random = randomFrom(9);
    const repeated = Array.from({ length: PLACES }, () => [...mask.data]).flat();
    const own = Array.from({ length: PLACES * WINDOW ** 2 }, () => random() - 0.5);
    const networks = {
      shared: networkOf(fixedConv2d(mask.data, { filters: 1, kernelSize: WINDOW })),
      "local, all alike": networkOf(local(repeated)),
      "local, each its own": networkOf(local(own)),
    };
    const digit = (await digitSet(undefined, 10)).planes[4];
    const moved = shifted(digit, 3, 0);
    const rows = [];
    const items = [{ caption: "a digit", picture: paint(digit, { colors: "gray" }) }];
    const below = [{ caption: "three to the right", picture: paint(moved, { colors: "gray" }) }];
    const answers = {};
    for (const [name, network] of Object.entries(networks)) {
      answers[name] = await planeOut(network, digit);
      const { parameters, macs } = summarizeNetwork(network);
      rows.push({
        layer: name,
        parameters,
        "multiply-accumulates": macs,
        "moves along": await movesAlong(network, digit, 3),
      });
      items.push({ caption: name, picture: paint(answers[name], { colors: "diverging" }) });
      below.push({ caption: name, picture: paint(await planeOut(network, moved), { colors: "diverging" }) });
    }
    const full = summarizeNetwork(
      sequential({ input: [1, SIZE, SIZE], weights: "counted" }, [
        flatten(),
        dense({ units: PLACES, bias: false }),
      ]),
    );
    rows.push({ layer: "dense", parameters: full.parameters, "multiply-accumulates": full.macs });
    lab.table("layers", `${OUT}×${OUT} units over ${SIZE}×${SIZE}, windows of ${WINDOW}×${WINDOW}`, rows);
    lab.figure(
      "alike",
      farthest(answers.shared.data, answers["local, all alike"].data),
      "how far local weights that are all alike are from the convolution",
    );
    lab.figure("shared", rows[0].parameters, "weights if they are shared");
    lab.figure("local", rows[1].parameters, "if each place has its own");
    lab.figure("dense", rows[3].parameters, "if each unit reads every pixel");
    lab.figure(
      "sharedMoves",
      rows[0]["moves along"],
      "likeness of the moved answers to the answers moved: shared",
    );
    lab.figure("localMoves", rows[2]["moves along"], "each its own");
    lab.drawing("local-weights", panels([...items, ...below], { columns: 4, width: 150 }));
  },
  exercise: {
    question:
      "200×200 pixels, 40,000 units, each with its own window of 10×10: how many weights (Ranzato's example)?",
    answer: 4_000_000,
    why: "40,000 windows of 100. Dense layers would want 1.6 billion; 100 shared filters of 10×10, ten thousand.",
    hint: "A window has 100 weights, and every unit has a window of its own.",
  },
});
