/** PolyNet (Zhang, Li, Loy and Lin 2016, PolyNet: a pursuit of structural diversity in very deep networks, arXiv:1611.05725). */
import {
  add,
  batchNorm,
  type Conv2dOptions,
  chain,
  concat,
  conv2d,
  type Layer,
  maxPool2d,
  type Network,
  type Pair,
  relu,
  sequential,
  shared,
} from "../src/nn/index.ts";
import { convNorm, meansAndLogits, times } from "./blocks.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { branchGain } from "./residual-network.ts";
import { exact, LECTURE, otherwise } from "./sources.ts";

/** A convolution that has no name yet. */
type Convolution = Omit<Conv2dOptions, "name">;
/** Branches side by side, each of convolutions one behind the other. */
type Branches = readonly (readonly Convolution[])[];

const same = (filters: number, kernelSize: Pair): Convolution => ({ filters, kernelSize, padding: "same" });
const valid = (filters: number, kernelSize: Pair, stride = 1): Convolution => ({
  filters,
  kernelSize,
  stride,
});

/** In the middle of the stem, which is that of Inception-v4. */
const STEM: Branches = [
  [same(64, 1), valid(96, 3)],
  [same(64, 1), same(64, [7, 1]), same(64, [1, 7]), valid(96, 3)],
];

/** What the modules of Inception-ResNet-v2 do before their last convolution. */
const INCEPTION_A: Branches = [
  [same(32, 1), same(48, 3), same(64, 3)],
  [same(32, 1), same(32, 3)],
  [same(32, 1)],
];
const INCEPTION_B: Branches = [[same(128, 1), same(160, [1, 7]), same(192, [7, 1])], [same(192, 1)]];
const INCEPTION_C: Branches = [[same(192, 1), same(224, [1, 3]), same(256, [3, 1])], [same(192, 1)]];

/** What halves the image, beside a pool. */
const REDUCTION_A: Branches = [[same(256, 1), same(256, 3), valid(384, 3, 2)], [valid(384, 3, 2)]];
const REDUCTION_B: Branches = [
  [same(256, 1), same(256, 3), valid(256, 3, 2)],
  [same(256, 1), valid(256, 3, 2)],
  [same(256, 1), valid(384, 3, 2)],
];

/** Makes a convolution of a branch, and what stands behind it. */
type Make = (name: string, convolution: Convolution) => Layer;

const normalized: Make = (name, convolution) => convNorm({ ...convolution, name });

/** Branches on one input, and what they give behind one another. */
function sideBySide(
  name: string,
  branches: Branches,
  make = normalized,
  others: readonly Layer[] = [],
): Layer {
  const layers = branches.map((convolutions, i) =>
    chain(convolutions.map((convolution, j) => make(`${name}.branch${i + 1}.${"abcd"[j]}`, convolution))),
  );
  return (x) =>
    concat(
      [...others, ...layers].map((layer) => layer(x)),
      { name },
    );
}

/** Branches beside a pool that halves the image as they do. */
const besidePool = (name: string, branches: Branches): Layer =>
  sideBySide(name, branches, normalized, [maxPool2d({ name: `${name}.pool`, kernelSize: 3, stride: 2 })]);

/** What a module's last normalisation starts with: by the three stages, so many are added. */
const GAIN = branchGain([20, 50, 25]);

/** An Inception module up to the sum: the last convolution gives the branches the channels of what they are added to. */
const module = (name: string, branches: Branches, filters: number, make = normalized): Layer =>
  chain([
    sideBySide(`${name}.branches`, branches, make),
    convNorm({ name: `${name}.last`, filters, kernelSize: 1, activation: null, gainInitializer: GAIN }),
  ]);

/** Modules that are summed: on which branches, and how much of each is added. */
type Unit = (name: string, branches: Branches, factor: number) => Layer;

/** x + F(x) + G(x): two modules side by side. */
const twoWay: Unit = (name, branches, factor) => (x) => {
  const ways = [`${name}.way1`, `${name}.way2`].map((way) =>
    chain([module(way, branches, x.dims[1] as number), times({ name: `${way}.scaled`, factor })])(x),
  );
  return relu({ name })(add([x, ...ways], { name: `${name}.sum` }));
};

/**
 * x + F(x) + F(F(x)) + F(F(F(x))): the convolutions of the branches are the same all three times; the normalisations, and the
 * convolution behind the branches, are not.
 */
const polyThree: Unit = (name, branches, factor) => (x) => {
  const convolutions = new Map(
    branches
      .flat()
      .map((one, i) => [one, shared(conv2d({ ...one, name: `${name}.conv${i + 1}`, bias: false }))]),
  );
  const make: Make = (at, one) =>
    chain([convolutions.get(one) as Layer, batchNorm({ name: `${at}.norm` }), relu({ name: at })]);
  const order = (i: number): Layer => module(`${name}.order${i}`, branches, x.dims[1] as number, make);
  const again = (i: number): Layer => chain([relu({ name: `${name}.order${i}.input` }), order(i)]);
  const first = order(1)(x);
  const second = again(2)(first);
  const third = again(3)(second);
  const terms = [first, second, third].map((term, i) =>
    times({ name: `${name}.order${i + 1}.scaled`, factor })(term),
  );
  return relu({ name })(add([x, ...terms], { name: `${name}.sum` }));
};

/** The three stages: their units by turns, and how many. What a unit adds is taken the less, the later it comes. */
const STAGES = [
  { name: "stage1", branches: INCEPTION_A, turns: [twoWay], units: 10, before: 0 },
  { name: "stage2", branches: INCEPTION_B, turns: [polyThree, twoWay], units: 20, before: 10 },
  { name: "stage3", branches: INCEPTION_C, turns: [polyThree, twoWay], units: 10, before: 30 },
];
const factorOf = (unit: number): number => 1 - unit / 130;

/**
 * The Very Deep PolyNet as in Cadene's pretrained-models.pytorch: a stage of 2-way units and two of poly-3 and 2-way by turns.
 * Images of [3, 331, 331] to logits; 95,366,600 parameters.
 */
export const polynet = ({ classes = 1000, size = 331, width, ...options }: ModelOptions = {}): Network => {
  const narrow = (branches: Branches): Branches =>
    branches.map((convolutions) =>
      convolutions.map((one) => ({ ...one, filters: scaled(one.filters, width) })),
    );
  const [first, second, third] = STAGES.map(({ name, branches, turns, units, before }) => {
    const narrowed = narrow(branches);
    return chain(
      Array.from({ length: units }, (_, i) =>
        (turns[i % turns.length] as Unit)(`${name}.unit${i + 1}`, narrowed, factorOf(before + i)),
      ),
    );
  }) as [Layer, Layer, Layer];
  return sequential({ input: [3, size, size], name: "polynet", ...options }, [
    convNorm({ name: "stem.a", filters: scaled(32, width), kernelSize: 3, stride: 2 }),
    convNorm({ name: "stem.b", filters: scaled(32, width), kernelSize: 3 }),
    convNorm({ name: "stem.c", filters: scaled(64, width), kernelSize: 3, padding: 1 }),
    besidePool("stem.d", narrow([[valid(96, 3, 2)]])),
    sideBySide("stem.e", narrow(STEM)),
    besidePool("stem.f", narrow([[valid(192, 3, 2)]])),
    first,
    besidePool("reduction1", narrow(REDUCTION_A)),
    second,
    besidePool("reduction2", narrow(REDUCTION_B)),
    third,
    meansAndLogits(classes, 0.2),
  ]);
};

export const POLYNET: readonly ZooModel[] = [
  {
    name: "polynet",
    family: "polynet",
    paper:
      "Zhang, Li, Loy and Lin 2016, PolyNet: a pursuit of structural diversity in very deep networks, arXiv:1611.05725",
    published: [
      exact(
        95_366_600,
        "pytorchcv (osmr/imgclsmob), polynet; of Cadene's pretrained-models.pytorch the same",
      ),
      otherwise(92, LECTURE, "so in Tan and Le 2019, arXiv:1905.11946, table 2"),
    ],
    build: polynet,
  },
];
