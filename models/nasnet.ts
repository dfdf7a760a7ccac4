/**
 * NASNet-A, mobile and large (Zoph, Vasudevan, Shlens and Le 2017, arXiv:1707.07012), and PNASNet-5 (Liu et al. 2017,
 * arXiv:1712.00559), wired as TensorFlow's slim and, at the published sizes, Cadene's pretrained-models.pytorch.
 */
import type { Network } from "../src/nn/index.ts";
import { type CellNetworkPlan, cellNetwork } from "./cell-network.ts";
import type { Wiring } from "./cells.ts";
import type { ModelOptions, ZooModel } from "./options.ts";
import { exact, LECTURE, otherwise, rounded } from "./sources.ts";

const NASNET_NORMAL: Wiring = {
  sums: [
    ["separable 5x5", 0, "separable 3x3", 1],
    ["separable 5x5", 1, "separable 3x3", 1],
    ["mean 3x3", 0, "none", 1],
    ["mean 3x3", 1, "mean 3x3", 1],
    ["separable 3x3", 0, "none", 0],
  ],
  joined: [1, 2, 3, 4, 5, 6],
};

const NASNET_REDUCTION: Wiring = {
  sums: [
    ["separable 5x5", 0, "separable 7x7", 1],
    ["max 3x3", 0, "separable 7x7", 1],
    ["mean 3x3", 0, "separable 5x5", 1],
    ["none", 3, "mean 3x3", 2],
    ["separable 3x3", 2, "max 3x3", 0],
  ],
  joined: [3, 4, 5, 6],
};

/** One cell for all places. */
const PNASNET: Wiring = {
  sums: [
    ["separable 5x5", 1, "max 3x3", 1],
    ["separable 7x7", 0, "max 3x3", 0],
    ["separable 5x5", 0, "separable 3x3", 0],
    ["separable 3x3", 4, "max 3x3", 0],
    ["separable 3x3", 1, "none", 0],
  ],
  joined: [2, 3, 4, 5, 6],
};

/** 4 @ 1056: four cells a stage, and 1056 = 24 · 44 channels at the end. */
const MOBILE: CellNetworkPlan = {
  name: "nasnet-a-mobile",
  size: 224,
  stem: 32,
  filters: 44,
  perStage: 4,
  normal: NASNET_NORMAL,
  reduction: NASNET_REDUCTION,
  dropRate: 0,
  dropsMoreAbove: true,
};

/** 6 @ 4032. */
const LARGE: CellNetworkPlan = {
  name: "nasnet-a-large",
  size: 331,
  stem: 96,
  filters: 168,
  perStage: 6,
  normal: NASNET_NORMAL,
  reduction: NASNET_REDUCTION,
  skipsReductionInput: true,
  dropRate: 0.3,
  dropsMoreAbove: true,
};

const PNASNET_LARGE: CellNetworkPlan = {
  name: "pnasnet-5-large",
  size: 331,
  stem: 96,
  filters: 216,
  perStage: 4,
  normal: PNASNET,
  dropRate: 0.4,
  dropsMoreAbove: true,
};

/** Images of [3, 224, 224] to logits, in 5,289,978 parameters. */
export const nasnetAMobile = (options?: ModelOptions): Network => cellNetwork(MOBILE, options);

/** Images of [3, 331, 331] to logits, in 88,753,150 parameters. */
export const nasnetALarge = (options?: ModelOptions): Network => cellNetwork(LARGE, options);

/** Images of [3, 331, 331] to logits, in 86,057,668 parameters. */
export const pnasnet5Large = (options?: ModelOptions): Network => cellNetwork(PNASNET_LARGE, options);

const NASNET_PAPER =
  "Zoph, Vasudevan, Shlens and Le 2017, Learning transferable architectures for scalable image recognition, arXiv:1707.07012";

export const NASNETS: readonly ZooModel[] = [
  {
    name: "nasnet-a-mobile",
    family: "nasnet",
    paper: NASNET_PAPER,
    published: [exact(5_289_978, "nasnetamobile of pretrained-models.pytorch"), rounded(5.3, "the paper")],
    build: nasnetAMobile,
  },
  {
    name: "nasnet-a-large",
    family: "nasnet",
    paper: NASNET_PAPER,
    published: [
      exact(88_753_150, "nasnetalarge of timm 1.0 and of pretrained-models.pytorch, with 1000 classes"),
      otherwise(88.9, "the paper"),
      rounded(89, LECTURE),
    ],
    build: nasnetALarge,
  },
  {
    name: "pnasnet-5-large",
    family: "pnasnet",
    paper: "Liu et al. 2017, Progressive neural architecture search, arXiv:1712.00559",
    published: [
      exact(86_057_668, "pnasnet5large of timm 1.0 and of pretrained-models.pytorch, with 1000 classes"),
      rounded(86.1, "the paper"),
      rounded(86, LECTURE),
    ],
    build: pnasnet5Large,
  },
];
