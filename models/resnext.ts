/** ResNeXt: ResNets whose 3×3 convolutions fall into groups (Xie et al. 2016, arXiv:1611.05431). */
import type { Network } from "../src/nn/index.ts";
import type { ModelOptions, ZooModel } from "./options.ts";
import { bottleneck, residualNetwork } from "./residual-network.ts";
import { BLOCKS } from "./resnet.ts";
import { LECTURE, otherwise, rounded, torchvision } from "./sources.ts";

const resnext = (depth: 50 | 101, groups: number, channels: number, options: ModelOptions): Network =>
  residualNetwork(
    {
      name: `resnext${depth}-${groups}x${channels}d`,
      blocks: BLOCKS[depth],
      block: bottleneck({ inner: groups * channels, groups }, options.width),
    },
    options,
  );

/** ResNeXt-50 of 32 groups, 4 channels each in the first stage: images of [3, 224, 224] to logits; 25,028,904 parameters. */
export const resnext50x32x4 = (options: ModelOptions = {}): Network => resnext(50, 32, 4, options);
/** ResNeXt-101 of 32 groups of 8 channels; 88,791,336 parameters. */
export const resnext101x32x8 = (options: ModelOptions = {}): Network => resnext(101, 32, 8, options);
/** ResNeXt-101 of 64 groups of 4 channels; 83,455,272 parameters. */
export const resnext101x64x4 = (options: ModelOptions = {}): Network => resnext(101, 64, 4, options);
/** ResNeXt-101 of 32 groups of 16 channels, as trained on hashtags (Mahajan et al. 2018); 194,026,792 parameters. */
export const resnext101x32x16 = (options: ModelOptions = {}): Network => resnext(101, 32, 16, options);
/** ResNeXt-101 of 32 groups of 48 channels: 828,411,176 parameters, 3.3 GB, that are counted and planned only. */
export const resnext101x32x48 = (options: ModelOptions = {}): Network => resnext(101, 32, 48, options);

const family = {
  family: "resnext",
  paper:
    "Xie, Girshick, Dollár, Tu and He 2016, Aggregated residual transformations for deep neural networks, arXiv:1611.05431",
};
const wide = {
  ...family,
  paper: `${family.paper}; Mahajan et al. 2018, Exploring the limits of weakly supervised pretraining, arXiv:1805.00932`,
};
const TIMM = "timm, docs/models/ig-resnext.md";

export const RESNEXTS: readonly ZooModel[] = [
  {
    ...family,
    name: "resnext50-32x4d",
    published: [torchvision(25_028_904), rounded(25, "the paper, table 1")],
    build: resnext50x32x4,
  },
  {
    ...family,
    name: "resnext101-32x8d",
    published: [torchvision(88_791_336)],
    build: resnext101x32x8,
  },
  {
    ...family,
    name: "resnext101-64x4d",
    published: [torchvision(83_455_272), otherwise(84, LECTURE, "with the running statistics 83.66M")],
    build: resnext101x64x4,
  },
  {
    ...wide,
    name: "resnext101-32x16d",
    published: [rounded(194.03, TIMM), otherwise(193, LECTURE)],
    build: resnext101x32x16,
  },
  {
    ...wide,
    name: "resnext101-32x48d",
    published: [rounded(828.41, TIMM), otherwise(829, LECTURE, "with the running statistics 829.26M")],
    build: resnext101x32x48,
  },
];
