/** Inception-ResNet-v2 (Szegedy, Ioffe, Vanhoucke and Alemi 2016, arXiv:1602.07261), wired as timm's. */
import { add, chain, conv2d, type Network, relu, sequential } from "../src/nn/index.ts";
import { meansAndLogits, times } from "./blocks.ts";
import {
  maxPool,
  meanPool,
  type Part,
  type Parts,
  repeated,
  same,
  sideBySide,
  stacked,
  steps,
  valid,
} from "./inception-parts.ts";
import type { ModelOptions, ZooModel } from "./options.ts";
import { exact, LECTURE, rounded } from "./sources.ts";

/**
 * What branches make of the maps, brought back to as many maps and added to them in a small share: without it, deep networks of
 * many filters died early in training.
 */
const residual =
  (branches: Parts, share: number, activated = true): Part =>
  (name, width) =>
  (x) => {
    const branch = chain([
      sideBySide(branches)(name, width),
      conv2d({ name: `${name}.up`, filters: x.dims[1] as number, kernelSize: 1 }),
      ...(share === 1 ? [] : [times({ name: `${name}.share`, factor: share })]),
    ]);
    const sum = add([branch(x), x], { name: `${name}.sum` });
    return activated ? relu({ name: `${name}.relu` })(sum) : sum;
  };

const block35 = residual(
  {
    "1x1": same(32, 1),
    "3x3": steps(same(32, 1), same(32, 3)),
    "3x3x2": steps(same(32, 1), same(48, 3), same(64, 3)),
  },
  0.17,
);

const block17 = residual(
  { "1x1": same(192, 1), "7x7": steps(same(128, 1), same(160, [1, 7]), same(192, [7, 1])) },
  0.1,
);

const BLOCK8: Parts = {
  "1x1": same(192, 1),
  "3x3": steps(same(192, 1), same(224, [1, 3]), same(256, [3, 1])),
};

const V2: Parts = {
  conv1a: valid(32, 3, 2),
  conv2a: valid(32, 3),
  conv2b: same(64, 3),
  pool3a: maxPool,
  conv3b: valid(80, 1),
  conv4a: valid(192, 3),
  pool5a: maxPool,
  mixed5b: sideBySide({
    "1x1": same(96, 1),
    "5x5": steps(same(48, 1), same(64, 5)),
    "3x3x2": steps(same(64, 1), same(96, 3), same(96, 3)),
    pool: steps(meanPool(false), same(64, 1)),
  }),
  ...repeated("block35", "abcdefghij", block35),
  mixed6a: sideBySide({
    "3x3": valid(384, 3, 2),
    "3x3x2": steps(same(256, 1), same(256, 3), valid(384, 3, 2)),
    pool: maxPool,
  }),
  ...repeated("block17", "abcdefghijklmnopqrst", block17),
  mixed7a: sideBySide({
    "3x3a": steps(same(256, 1), valid(384, 3, 2)),
    "3x3b": steps(same(256, 1), valid(288, 3, 2)),
    "3x3x2": steps(same(256, 1), same(288, 3), valid(320, 3, 2)),
    pool: maxPool,
  }),
  ...repeated("block8", "abcdefghi", residual(BLOCK8, 0.2)),
  block8j: residual(BLOCK8, 1, false),
  conv7b: same(1536, 1),
};

/** Images of [3, 299, 299] to logits, in 55,843,464 parameters. */
export const inceptionResnetV2 = ({
  classes = 1000,
  size = 299,
  width,
  ...options
}: ModelOptions = {}): Network =>
  sequential({ input: [3, size, size], name: "inception-resnet-v2", ...options }, [
    stacked(V2, width),
    meansAndLogits(classes, 0.2),
  ]);

export const INCEPTION_RESNETS: readonly ZooModel[] = [
  {
    name: "inception-resnet-v2",
    family: "inception-resnet",
    paper:
      "Szegedy, Ioffe, Vanhoucke and Alemi 2016, Inception-v4, Inception-ResNet and the impact of residual connections on learning, arXiv:1602.07261",
    published: [exact(55_843_464, "inception_resnet_v2 of timm 1.0"), rounded(56, LECTURE)],
    build: inceptionResnetV2,
  },
];
