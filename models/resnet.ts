/** ResNets as torchvision has them (He, Zhang, Ren and Sun 2015, arXiv:1512.03385), and wide ones (Zagoruyko and Komodakis 2016). */
import type { Network } from "../src/nn/index.ts";
import type { ModelOptions, ZooModel } from "./options.ts";
import { basicBlock, bottleneck, residualNetwork } from "./residual-network.ts";
import { LECTURE, rounded, torchvision } from "./sources.ts";

/** Blocks in each stage, by layers with weights (table 1). */
export const BLOCKS = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
} as const;

const shallow = (depth: 18 | 34, options: ModelOptions): Network =>
  residualNetwork(
    { name: `resnet${depth}`, blocks: BLOCKS[depth], block: basicBlock(options.width) },
    options,
  );

const deep = (depth: 50 | 101 | 152, options: ModelOptions): Network =>
  residualNetwork(
    { name: `resnet${depth}`, blocks: BLOCKS[depth], block: bottleneck({}, options.width) },
    options,
  );

/** Channels within the bottlenecks twice, those between them once. */
const wide = (depth: 50 | 101, options: ModelOptions): Network =>
  residualNetwork(
    {
      name: `wide-resnet${depth}-2`,
      blocks: BLOCKS[depth],
      block: bottleneck({ inner: 128 }, options.width),
    },
    options,
  );

/** ResNet-18: images of [3, 224, 224] to logits, as all here; 11,689,512 parameters. */
export const resnet18 = (options: ModelOptions = {}): Network => shallow(18, options);
/** ResNet-34; 21,797,672 parameters. */
export const resnet34 = (options: ModelOptions = {}): Network => shallow(34, options);
/** ResNet-50; 25,557,032 parameters. */
export const resnet50 = (options: ModelOptions = {}): Network => deep(50, options);
/** ResNet-101; 44,549,160 parameters. */
export const resnet101 = (options: ModelOptions = {}): Network => deep(101, options);
/** ResNet-152; 60,192,808 parameters. */
export const resnet152 = (options: ModelOptions = {}): Network => deep(152, options);
/** Wide ResNet-50-2; 68,883,240 parameters. */
export const wideResnet50 = (options: ModelOptions = {}): Network => wide(50, options);
/** Wide ResNet-101-2; 126,886,696 parameters. */
export const wideResnet101 = (options: ModelOptions = {}): Network => wide(101, options);

const resnet = {
  family: "resnet",
  paper: "He, Zhang, Ren and Sun 2015, Deep residual learning for image recognition, arXiv:1512.03385",
};
const bottlenecks = { ...resnet, family: "resnet-bottleneck" };
const wideResnet = {
  ...bottlenecks,
  paper: "Zagoruyko and Komodakis 2016, Wide residual networks, arXiv:1605.07146",
};

export const RESNETS: readonly ZooModel[] = [
  { ...resnet, name: "resnet18", published: [torchvision(11_689_512)], build: resnet18 },
  { ...resnet, name: "resnet34", published: [torchvision(21_797_672)], build: resnet34 },
  {
    ...bottlenecks,
    name: "resnet50",
    published: [torchvision(25_557_032), rounded(26, LECTURE)],
    build: resnet50,
  },
  { ...bottlenecks, name: "resnet101", published: [torchvision(44_549_160)], build: resnet101 },
  {
    ...bottlenecks,
    name: "resnet152",
    published: [torchvision(60_192_808), rounded(60, LECTURE)],
    build: resnet152,
  },
  {
    ...wideResnet,
    name: "wide-resnet50-2",
    published: [torchvision(68_883_240), rounded(68.9, "the paper, table 8")],
    build: wideResnet50,
  },
  {
    ...wideResnet,
    name: "wide-resnet101-2",
    published: [torchvision(126_886_696)],
    build: wideResnet101,
  },
];
