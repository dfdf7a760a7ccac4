/** VGG (Simonyan and Zisserman 2014, Very deep convolutional networks for large-scale image recognition, arXiv:1409.1556). */
import { maxPool2d, type Network, sequential } from "../src/nn/index.ts";
import { adaptiveAveragePool2d } from "./adaptive-pool.ts";
import { convNorm, convRelu, hiddenLayersAndLogits } from "./blocks.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { rounded, torchvision } from "./sources.ts";

/** Filters of the five stages; each ends in a pool. */
const FILTERS = [64, 128, 256, 512, 512];

/** Convolutions in each of the five stages: table 1's configurations A, B, D and E. */
const DEPTHS = {
  11: [1, 1, 2, 2, 2],
  13: [2, 2, 2, 2, 2],
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
};

/** As torchvision has it: "norm" puts batch normalisation behind each convolution, which then still has its bias. */
const vgg = (
  depth: keyof typeof DEPTHS,
  norm: boolean,
  { classes = 1000, size = 224, width, ...options }: ModelOptions,
): Network => {
  const convolution = norm ? convNorm : convRelu;
  const stages = DEPTHS[depth].flatMap((count, i) => [
    ...Array.from({ length: count }, (_, j) =>
      convolution({
        name: `stage${i + 1}.conv${j + 1}`,
        filters: scaled(FILTERS[i] as number, width),
        kernelSize: 3,
        padding: 1,
        bias: true,
      }),
    ),
    maxPool2d({ name: `stage${i + 1}.pool`, kernelSize: 2 }),
  ]);
  return sequential({ input: [3, size, size], name: `vgg${depth}${norm ? "-bn" : ""}`, ...options }, [
    ...stages,
    adaptiveAveragePool2d({ name: "means", size: 7 }),
    hiddenLayersAndLogits(scaled(4096, width), classes),
  ]);
};

/** VGG-11, configuration A: images of [3, 224, 224] to logits; 132,863,336 parameters. */
export const vgg11 = (options: ModelOptions = {}): Network => vgg(11, false, options);
/** VGG-13, configuration B; 133,047,848 parameters. */
export const vgg13 = (options: ModelOptions = {}): Network => vgg(13, false, options);
/** VGG-16, configuration D; 138,357,544 parameters. */
export const vgg16 = (options: ModelOptions = {}): Network => vgg(16, false, options);
/** VGG-19, configuration E; 143,667,240 parameters. */
export const vgg19 = (options: ModelOptions = {}): Network => vgg(19, false, options);
/** VGG-11 with batch normalisation; 132,868,840 parameters. */
export const vgg11Bn = (options: ModelOptions = {}): Network => vgg(11, true, options);
/** VGG-13 with batch normalisation; 133,053,736 parameters. */
export const vgg13Bn = (options: ModelOptions = {}): Network => vgg(13, true, options);
/** VGG-16 with batch normalisation; 138,365,992 parameters. */
export const vgg16Bn = (options: ModelOptions = {}): Network => vgg(16, true, options);
/** VGG-19 with batch normalisation; 143,678,248 parameters. */
export const vgg19Bn = (options: ModelOptions = {}): Network => vgg(19, true, options);

const family = {
  family: "vgg",
  paper: "Simonyan and Zisserman 2014, Very deep convolutional networks, arXiv:1409.1556",
};
const TABLE = "the paper, table 2";

export const VGGS: readonly ZooModel[] = [
  { ...family, name: "vgg11", published: [torchvision(132_863_336), rounded(133, TABLE)], build: vgg11 },
  { ...family, name: "vgg13", published: [torchvision(133_047_848), rounded(133, TABLE)], build: vgg13 },
  { ...family, name: "vgg16", published: [torchvision(138_357_544), rounded(138, TABLE)], build: vgg16 },
  { ...family, name: "vgg19", published: [torchvision(143_667_240), rounded(144, TABLE)], build: vgg19 },
  { ...family, name: "vgg11-bn", published: [torchvision(132_868_840)], build: vgg11Bn },
  { ...family, name: "vgg13-bn", published: [torchvision(133_053_736)], build: vgg13Bn },
  { ...family, name: "vgg16-bn", published: [torchvision(138_365_992)], build: vgg16Bn },
  { ...family, name: "vgg19-bn", published: [torchvision(143_678_248)], build: vgg19Bn },
];
