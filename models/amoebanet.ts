/**
 * AmoebaNet (Real, Aggarwal, Huang and Le 2018, arXiv:1802.01548), wired as tensorflow/tpu's amoeba_net. That asks for filters
 * that fall into halves where two convolutions halve the image; of an odd number, as 190 brings about, one makes one more here.
 */
import type { Network } from "../src/nn/index.ts";
import { cellNetwork } from "./cell-network.ts";
import type { Wiring } from "./cells.ts";
import type { ModelOptions, ZooModel } from "./options.ts";
import { LECTURE, rounded } from "./sources.ts";

/** The cells that evolution found, the normal one and the one that reduces. */
interface Cells {
  readonly normal: Wiring;
  readonly reduction: Wiring;
}

const A: Cells = {
  normal: {
    sums: [
      ["mean 3x3", 0, "max 3x3", 0],
      ["separable 3x3", 1, "none", 1],
      ["none", 0, "mean 3x3", 1],
      ["separable 3x3", 0, "separable 5x5", 2],
      ["mean 3x3", 5, "separable 3x3", 0],
    ],
    joined: [1, 3, 4, 6],
  },
  reduction: {
    sums: [
      ["separable 3x3", 1, "mean 3x3", 0],
      ["max 3x3", 0, "separable 7x7", 2],
      ["max 3x3", 1, "max 3x3", 0],
      ["separable 3x3", 4, "1x7 7x1", 0],
      ["mean 3x3", 1, "separable 7x7", 0],
    ],
    joined: [2, 3, 4, 5, 6],
  },
};

/** Its separable 5×5 has, by its name, a dilation of 2, which tensorflow/tpu does not apply; nor is it applied here. */
const B: Cells = {
  normal: {
    sums: [
      ["1x1", 1, "max 3x3", 1],
      ["none", 1, "separable 3x3", 0],
      ["1x1", 1, "separable 3x3", 0],
      ["1x1", 2, "none", 2],
      ["mean 3x3", 1, "1x1", 5],
    ],
    joined: [0, 3, 4, 6],
  },
  reduction: {
    sums: [
      ["max 2x2", 0, "max 3x3", 0],
      ["none", 2, "3x3", 1],
      ["separable 5x5", 2, "max 3x3", 2],
      ["none", 3, "separable 3x3", 1],
      ["mean 3x3", 4, "1x1", 3],
    ],
    joined: [5, 6],
  },
};

const C: Cells = {
  normal: {
    sums: [
      ["mean 3x3", 0, "separable 3x3", 0],
      ["none", 0, "separable 3x3", 0],
      ["mean 3x3", 2, "separable 3x3", 1],
      ["none", 0, "separable 3x3", 1],
      ["mean 3x3", 3, "separable 3x3", 0],
    ],
    joined: [1, 2, 4, 5, 6],
  },
  reduction: {
    sums: [
      ["max 3x3", 0, "max 3x3", 0],
      ["separable 7x7", 2, "separable 3x3", 0],
      ["separable 7x7", 0, "max 3x3", 1],
      ["separable 5x5", 4, "separable 5x5", 4],
      ["max 3x3", 1, "separable 3x3", 1],
    ],
    joined: [0, 2, 3, 4, 5, 6],
  },
};

/** Which of the family: "a", "b" or "c". */
export type AmoebaNetVariant = "a" | "b" | "c";

/** What a network of the family is made of: AmoebaNet-A (6, 190) is cells of A, six a stage, with 190 filters. */
interface Shape {
  readonly cells: Cells;
  readonly filters: number;
  readonly size: number;
}

const VARIANTS: Readonly<Record<AmoebaNetVariant, Shape>> = {
  a: { cells: A, filters: 190, size: 331 },
  b: { cells: B, filters: 512, size: 480 },
  c: { cells: C, filters: 228, size: 331 },
};

/** What `amoebaNet` takes. */
export interface AmoebaNetOptions extends ModelOptions {
  /** Of the three that are in the table of results, "a" by default; "b" is as wide as GPipe trained it. */
  readonly variant?: AmoebaNetVariant;
}

/** Images of [3, 331, 331] ([3, 480, 480] for "b") to logits; 86,718,797 parameters in AmoebaNet-A. */
export const amoebaNet = ({ variant = "a", ...options }: AmoebaNetOptions = {}): Network => {
  const { cells, ...shape } = VARIANTS[variant];
  return cellNetwork(
    {
      name: `amoebanet-${variant}`,
      stem: 32,
      perStage: 6,
      ...cells,
      ...shape,
      dropRate: 0.3,
      dropsMoreAbove: false,
    },
    options,
  );
};

const PAPER =
  "Real, Aggarwal, Huang and Le 2018, Regularized evolution for image classifier architecture search, arXiv:1802.01548";

export const AMOEBANETS: readonly ZooModel[] = [
  {
    name: "amoebanet-a",
    family: "amoebanet",
    paper: PAPER,
    published: [rounded(86.7, "the paper, for (6, 190)"), rounded(87, LECTURE)],
    build: (options) => amoebaNet({ ...options, variant: "a" }),
  },
  {
    name: "amoebanet-b-gpipe",
    family: "amoebanet",
    paper: "Huang et al. 2018, GPipe: efficient training of giant neural networks, arXiv:1811.06965",
    published: [rounded(557, "the paper and the lecture, for (18, 512)")],
    build: (options) => amoebaNet({ ...options, variant: "b" }),
  },
  {
    name: "amoebanet-c",
    family: "amoebanet",
    paper: PAPER,
    published: [rounded(155.3, "the paper, for (6, 228)"), rounded(155, LECTURE)],
    build: (options) => amoebaNet({ ...options, variant: "c" }),
  },
];
