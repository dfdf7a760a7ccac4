/** DenseNets (Huang, Liu, van der Maaten and Weinberger 2016, Densely connected convolutional networks, arXiv:1608.06993). */
import {
  averagePool2d,
  batchNorm,
  chain,
  concat,
  type Layer,
  maxPool2d,
  type Network,
  relu,
  sequential,
  type Value,
} from "../src/nn/index.ts";
import { convNorm, meansAndLogits, normConv } from "./blocks.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { exact, LECTURE, otherwise, torchvision } from "./sources.ts";

/** Layers in each of the four blocks, by layers with weights (table 1). */
const LAYERS = {
  121: [6, 12, 24, 16],
  161: [6, 12, 36, 24],
  169: [6, 12, 32, 32],
  201: [6, 12, 48, 32],
  264: [6, 12, 64, 48],
};

/** As torchvision has it: DenseNet-BC with bottlenecks of four times the growth, and channels halved between blocks. */
function densenet(
  depth: keyof typeof LAYERS,
  { classes = 1000, size = 224, width, ...options }: ModelOptions,
  growthAtFullWidth = 32,
): Network {
  const growth = scaled(growthAtFullWidth, width);
  const blocks = LAYERS[depth].flatMap((count, i) => [
    ...(i === 0 ? [] : [transition(`transition${i}`)]),
    ...Array.from({ length: count }, (_, j) => denseLayer(`block${i + 1}.layer${j + 1}`, growth)),
  ]);
  return sequential({ input: [3, size, size], name: `densenet${depth}`, ...options }, [
    convNorm({ name: "stem", filters: 2 * growth, kernelSize: 7, stride: 2, padding: 3 }),
    maxPool2d({ name: "stem.pool", kernelSize: 3, stride: 2, padding: 1 }),
    ...blocks,
    batchNorm({ name: "last.norm" }),
    relu({ name: "last" }),
    meansAndLogits(classes),
  ]);
}

/** What all layers before it have found, and `growth` maps more. */
function denseLayer(name: string, growth: number): Layer {
  const branch = chain([
    normConv({ name: `${name}.a`, filters: 4 * growth, kernelSize: 1 }),
    normConv({ name: `${name}.b`, filters: growth, kernelSize: 3, padding: 1 }),
  ]);
  return (x) => concat([x, branch(x)], { name });
}

const transition =
  (name: string): Layer =>
  (x) =>
    chain([
      normConv({ name, filters: Math.floor(channelsOf(x) / 2), kernelSize: 1 }),
      averagePool2d({ name: `${name}.pool`, kernelSize: 2 }),
    ])(x);

const channelsOf = ({ dims }: Value): number => dims[1] as number;

/** DenseNet-121: images of [3, 224, 224] to logits, as all here; 7,978,856 parameters. */
export const densenet121 = (options: ModelOptions = {}): Network => densenet(121, options);
/** DenseNet-161, which grows by 48 maps a layer instead of 32; 28,681,000 parameters. */
export const densenet161 = (options: ModelOptions = {}): Network => densenet(161, options, 48);
/** DenseNet-169; 14,149,480 parameters. */
export const densenet169 = (options: ModelOptions = {}): Network => densenet(169, options);
/** DenseNet-201; 20,013,928 parameters. */
export const densenet201 = (options: ModelOptions = {}): Network => densenet(201, options);
/** DenseNet-264; 33,337,704 parameters. */
export const densenet264 = (options: ModelOptions = {}): Network => densenet(264, options);

const family = {
  family: "densenet",
  paper:
    "Huang, Liu, van der Maaten and Weinberger 2016, Densely connected convolutional networks, arXiv:1608.06993",
};

export const DENSENETS: readonly ZooModel[] = [
  { ...family, name: "densenet121", published: [torchvision(7_978_856)], build: densenet121 },
  { ...family, name: "densenet161", published: [torchvision(28_681_000)], build: densenet161 },
  { ...family, name: "densenet169", published: [torchvision(14_149_480)], build: densenet169 },
  { ...family, name: "densenet201", published: [torchvision(20_013_928)], build: densenet201 },
  {
    ...family,
    name: "densenet264",
    published: [
      exact(33_337_704, "torchvision 0.13: DenseNet(growth_rate=32, block_config=(6, 12, 64, 48))"),
      otherwise(34, LECTURE, "with the running statistics 33.74M"),
    ],
    build: densenet264,
  },
];
