/**
 * Inception-v3 (Szegedy, Vanhoucke, Ioffe, Shlens and Wojna 2015, arXiv:1512.00567), wired as torchvision's without its
 * auxiliary head, and Inception-v4 (Szegedy, Ioffe, Vanhoucke and Alemi 2016, arXiv:1602.07261), wired as timm's.
 */
import { type Network, sequential } from "../src/nn/index.ts";
import { meansAndLogits } from "./blocks.ts";
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
import { exact, LECTURE, otherwise, rounded } from "./sources.ts";

/** 1×7 and 7×1, which do a 7×7's work by turns. */
const ROW: [number, number] = [1, 7];
const COLUMN: [number, number] = [7, 1];

/** A row and a column of three over the same maps. */
const fork = (filters: number): Part =>
  sideBySide({ row: same(filters, [1, 3]), column: same(filters, [3, 1]) });

/** torchvision's mean pools count the zeros around the image. */
const pooled3 = (filters: number): Part => steps(meanPool(true), same(filters, 1));

const five3 = (filters: number): Part =>
  sideBySide({
    "1x1": same(64, 1),
    "5x5": steps(same(48, 1), same(64, 5)),
    "3x3x2": steps(same(64, 1), same(96, 3), same(96, 3)),
    pool: pooled3(filters),
  });

const seven3 = (filters: number): Part =>
  sideBySide({
    "1x1": same(192, 1),
    "7x7": steps(same(filters, 1), same(filters, ROW), same(192, COLUMN)),
    "7x7x2": steps(
      same(filters, 1),
      same(filters, COLUMN),
      same(filters, ROW),
      same(filters, COLUMN),
      same(192, ROW),
    ),
    pool: pooled3(192),
  });

const wide3 = sideBySide({
  "1x1": same(320, 1),
  "3x3": steps(same(384, 1), fork(384)),
  "3x3x2": steps(same(448, 1), same(384, 3), fork(384)),
  pool: pooled3(192),
});

/** The names are those of TensorFlow's slim, which all ports keep. */
const V3: Parts = {
  conv1a: valid(32, 3, 2),
  conv2a: valid(32, 3),
  conv2b: same(64, 3),
  pool3a: maxPool,
  conv3b: valid(80, 1),
  conv4a: valid(192, 3),
  pool5a: maxPool,
  mixed5b: five3(32),
  ...repeated("mixed5", "cd", five3(64)),
  mixed6a: sideBySide({
    "3x3": valid(384, 3, 2),
    "3x3x2": steps(same(64, 1), same(96, 3), valid(96, 3, 2)),
    pool: maxPool,
  }),
  mixed6b: seven3(128),
  ...repeated("mixed6", "cd", seven3(160)),
  mixed6e: seven3(192),
  mixed7a: sideBySide({
    "3x3": steps(same(192, 1), valid(320, 3, 2)),
    "7x7": steps(same(192, 1), same(192, ROW), same(192, COLUMN), valid(192, 3, 2)),
    pool: maxPool,
  }),
  ...repeated("mixed7", "bc", wide3),
};

/** Images of [3, 299, 299] to logits, in 23,834,568 parameters. */
export const inceptionV3 = ({ classes = 1000, size = 299, width, ...options }: ModelOptions = {}): Network =>
  sequential({ input: [3, size, size], name: "inception-v3", ...options }, [
    stacked(V3, width),
    meansAndLogits(classes, 0.5),
  ]);

/** timm's mean pools, as those of TensorFlow, do not count the zeros around the image. */
const pooled4 = (filters: number): Part => steps(meanPool(false), same(filters, 1));

const blockA = sideBySide({
  "1x1": same(96, 1),
  "3x3": steps(same(64, 1), same(96, 3)),
  "3x3x2": steps(same(64, 1), same(96, 3), same(96, 3)),
  pool: pooled4(96),
});

const blockB = sideBySide({
  "1x1": same(384, 1),
  "7x7": steps(same(192, 1), same(224, ROW), same(256, COLUMN)),
  "7x7x2": steps(same(192, 1), same(192, COLUMN), same(224, ROW), same(224, COLUMN), same(256, ROW)),
  pool: pooled4(128),
});

const blockC = sideBySide({
  "1x1": same(256, 1),
  "3x3": steps(same(384, 1), fork(256)),
  "3x3x2": steps(same(384, 1), same(448, [3, 1]), same(512, [1, 3]), fork(256)),
  pool: pooled4(256),
});

const V4: Parts = {
  conv1a: valid(32, 3, 2),
  conv2a: valid(32, 3),
  conv2b: same(64, 3),
  mixed3a: sideBySide({ pool: maxPool, "3x3": valid(96, 3, 2) }),
  mixed4a: sideBySide({
    "3x3": steps(same(64, 1), valid(96, 3)),
    "7x7": steps(same(64, 1), same(64, ROW), same(64, COLUMN), valid(96, 3)),
  }),
  mixed5a: sideBySide({ "3x3": valid(192, 3, 2), pool: maxPool }),
  ...repeated("mixed5", "bcde", blockA),
  mixed6a: sideBySide({
    "3x3": valid(384, 3, 2),
    "3x3x2": steps(same(192, 1), same(224, 3), valid(256, 3, 2)),
    pool: maxPool,
  }),
  ...repeated("mixed6", "bcdefgh", blockB),
  mixed7a: sideBySide({
    "3x3": steps(same(192, 1), valid(192, 3, 2)),
    "7x7": steps(same(256, 1), same(256, ROW), same(320, COLUMN), valid(320, 3, 2)),
    pool: maxPool,
  }),
  ...repeated("mixed7", "bcd", blockC),
};

/** Images of [3, 299, 299] to logits, in 42,679,816 parameters. */
export const inceptionV4 = ({ classes = 1000, size = 299, width, ...options }: ModelOptions = {}): Network =>
  sequential({ input: [3, size, size], name: "inception-v4", ...options }, [
    stacked(V4, width),
    meansAndLogits(classes, 0.2),
  ]);

export const INCEPTIONS: readonly ZooModel[] = [
  {
    name: "inception-v3",
    family: "inception-v3",
    paper:
      "Szegedy, Vanhoucke, Ioffe, Shlens and Wojna 2015, Rethinking the Inception architecture for computer vision, arXiv:1512.00567",
    published: [
      exact(23_834_568, "inception_v3 of torchvision without its auxiliary head"),
      rounded(24, LECTURE),
    ],
    build: inceptionV3,
  },
  {
    name: "inception-v4",
    family: "inception-v4",
    paper:
      "Szegedy, Ioffe, Vanhoucke and Alemi 2016, Inception-v4, Inception-ResNet and the impact of residual connections on learning, arXiv:1602.07261",
    published: [
      exact(42_679_816, "inception_v4 of timm 1.0 and of pretrained-models.pytorch"),
      otherwise(48, LECTURE),
    ],
    build: inceptionV4,
  },
];
