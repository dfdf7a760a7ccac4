// Two 3×3 convolutions see what one of 5×5 sees (lecture A, "Receptive Field", "Power of Small Filters").
//
// Without anything between them, two convolutions of 3×3 are one of 5×5: its mask is the convolution of theirs. Three see as much as
// one of 7×7, for 3·9·C² = 27C² weights in place of 49C², and with rectifiers between them they are more than one linear filter.
//
//   node examples/course/small-filters.mjs [--out FOLDER] [--json] [--answer N]
import { effectiveField, fieldAt, paint, receptiveFieldsOf, summarizeNetwork } from "lanewise/inspect";
import { conv2d, initializers, relu, sequential } from "lanewise/nn";
import { grid, polyline, svg, text } from "./shared/drawing.mjs";
import { experiment } from "./shared/experiment.mjs";
import { fixedConv2d, outputOf, tensorOf } from "./shared/networks.mjs";
import { panels } from "./shared/panels.mjs";
import { randomFrom } from "./shared/pictures.mjs";
import { at, farthest, planeFrom } from "./shared/planes.mjs";

const CHANNELS = 64;

/** So many convolutions of F×F over C maps; weights are counted only. */
const stack = (count, kernelSize, weights = "counted") =>
  sequential(
    { input: [CHANNELS, 15, 15], weights },
    Array.from({ length: count }, (_, i) =>
      conv2d({
        name: `conv${i + 1}`,
        filters: CHANNELS,
        kernelSize,
        padding: (kernelSize - 1) / 2,
        bias: false,
      }),
    ),
  );

/** Columns that the last value of a stack sees, and its weights in units of C². */
function factsOf(count, kernelSize) {
  const network = stack(count, kernelSize);
  const field = receptiveFieldsOf(network).get(`conv${count}`);
  const { parameters } = summarizeNetwork(network);
  return {
    convolutions: `${count} of ${kernelSize}×${kernelSize}`,
    sees: field[0].size,
    "weights / C²": parameters / CHANNELS ** 2,
  };
}

/** The mask of two masks behind one another: each tap of the one lays down a copy of the other. */
const composed = (first, second) =>
  planeFrom(5, 5, (x, y) => {
    let sum = 0;
    for (let j = 0; j < 3; j++) for (let i = 0; i < 3; i++) sum += at(second, i, j) * at(first, x - i, y - j);
    return sum;
  });

/** How far two random 3×3 masks behind one another are from the one 5×5 mask that they make. */
async function twoAreOne() {
  const random = randomFrom(1);
  const [first, second] = [0, 1].map(() => planeFrom(3, 3, () => random() - 0.5));
  const picture = planeFrom(24, 24, () => random());
  const of = (mask, kernelSize) => fixedConv2d(mask.data, { filters: 1, kernelSize });
  const networkOf = (...layers) => sequential({ input: [1, 24, 24] }, layers);
  const two = await outputOf(networkOf(of(first, 3), of(second, 3)), tensorOf([picture]));
  const one = await outputOf(networkOf(of(composed(first, second), 5)), tensorOf([picture]));
  return farthest(two.data, one.data);
}

await experiment({
  title: "The power of small filters",
  lecture: "A: Receptive Field, Power of Small Filters",
  async run(lab) {
    const rows = [
      [1, 5],
      [2, 3],
      [1, 7],
      [3, 3],
    ].map(([count, kernelSize]) => factsOf(count, kernelSize));
    lab.table("stacks", "C maps in, C maps out", rows);
    lab.figure("two", rows[1].sees, "columns that two 3×3 convolutions see");
    lab.figure("three", rows[3].sees, "columns that three see");
    lab.figure("large", rows[2]["weights / C²"], "C² weights of one of 7×7");
    lab.figure("small", rows[3]["weights / C²"], "C² weights of three of 3×3");
    lab.figure(
      "twoAreOne",
      await twoAreOne(),
      "how far two masks of 3×3 are from the one of 5×5 that they make",
    );
    lab.drawing("receptive-fields", fieldsDrawing());
    const network = sequential({ input: [1, 41, 41], seed: 2 }, [
      ...Array.from({ length: 8 }, (_, i) => [
        conv2d({
          name: `conv${i + 1}`,
          filters: 8,
          kernelSize: 3,
          padding: 1,
          weightInitializer: initializers.heNormal(),
        }),
        relu(),
      ]).flat(),
    ]);
    const fields = [];
    for (const depth of [2, 4, 8]) {
      const { map, theoretical } = await effectiveField(network, { of: `conv${depth}`, samples: 20 });
      const { left, width } = fieldAt(receptiveFieldsOf(network).get(`conv${depth}`), { x: 20, y: 20 });
      fields.push({
        caption: `${depth} convolutions`,
        picture: paint(map),
        note: `see ${width} columns, the middle ones most`,
      });
      lab.figure(
        `sees${depth}`,
        theoretical.width,
        `columns that ${depth} convolutions see, from column ${left} on`,
      );
    }
    lab.drawing("effective-fields", panels(fields, { width: 190 }));
  },
  exercise: {
    question: "How many columns do five convolutions of 3×3 behind one another see?",
    answer: 11,
    why: "Each adds one column at either side: 1 + 5·2.",
    hint: "One sees 3, two see 5, three see 7 …",
  },
});

/** One value of the last layer, the 3×3 that it reads, and the 5×5 that those read. */
function fieldsDrawing() {
  const cell = 26;
  const layers = [
    { title: "the picture", marked: 5, left: 20 },
    { title: "after one 3×3", marked: 3, left: 240 },
    { title: "after two", marked: 1, left: 460 },
  ];
  const size = 7;
  const [top, middle] = [34, (size - 1) / 2];
  const isMarked = (marked, x, y) => Math.max(Math.abs(x - middle), Math.abs(y - middle)) <= (marked - 1) / 2;
  const corner = ({ left, marked }, right, bottom) => [
    left + (middle + 0.5 + (right ? marked / 2 : -marked / 2)) * cell,
    top + (middle + 0.5 + (bottom ? marked / 2 : -marked / 2)) * cell,
  ];
  const beams = [0, 1].flatMap((i) =>
    [false, true].map((bottom) =>
      polyline([corner(layers[i], true, bottom), corner(layers[i + 1], false, bottom)], {
        stroke: "#57606a",
        thick: 1.2,
      }),
    ),
  );
  return svg(662, 230, [
    layers.map(({ title, marked, left }) => [
      text(left + (size * cell) / 2, top - 12, title, { anchor: "middle", bold: true }),
      grid(
        left,
        top,
        Array.from({ length: size }, () => Array(size).fill("")),
        {
          cell,
          show: () => "",
          fill: (_, x, y) => (isMarked(marked, x, y) ? "#ee6677" : "#f6f8fa"),
        },
      ),
    ]),
    beams,
  ]);
}
