/** Networks of squeeze and excitation (Hu, Shen, Albanie, Sun and Wu 2017, arXiv:1709.01507). */
import { chain, type Layer, maxPool2d, type Network } from "../src/nn/index.ts";
import { convNorm, residual, squeezeExcite } from "./blocks.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { bottleneck, type Place, projection, residualNetwork } from "./residual-network.ts";
import { BLOCKS } from "./resnet.ts";
import { exact, LECTURE, otherwise } from "./sources.ts";

/** Channels that one channel of the squeezed layer stands for. */
const REDUCTION = 16;

/** ResNet-50 with gates at the end of each branch, as timm's seresnet50: images of [3, 224, 224] to logits; 28,088,024 parameters. */
export const seResnet50 = (options: ModelOptions = {}): Network =>
  residualNetwork(
    {
      name: "se-resnet50",
      blocks: BLOCKS[50],
      block: bottleneck({ reduction: REDUCTION }, options.width),
    },
    options,
  );

/** Groups of SENet-154's 3×3 convolutions. */
const GROUPS = 64;

/**
 * SENet-154 as its authors' Caffe model and Cadene's pretrained-models.pytorch have it: a stem of three 3×3, bottlenecks of 64
 * groups whose first convolution has half the channels of the second, and shortcuts of 3×3 where the image is halved.
 * 115,088,984 parameters.
 */
export const senet154 = (options: ModelOptions = {}): Network => {
  const { width } = options;
  return residualNetwork(
    {
      name: "senet154",
      stem: threeByThrees(width),
      blocks: BLOCKS[152],
      block: (place) => wideningBottleneck(place, width),
      dropout: 0.2,
    },
    options,
  );
};

const threeByThrees = (width?: number): Layer =>
  chain([
    convNorm({ name: "stem.a", filters: scaled(64, width), kernelSize: 3, stride: 2, padding: 1 }),
    convNorm({ name: "stem.b", filters: scaled(64, width), kernelSize: 3, padding: 1 }),
    convNorm({ name: "stem.c", filters: scaled(128, width), kernelSize: 3, padding: 1 }),
    maxPool2d({ name: "stem.pool", kernelSize: 3, stride: 2, ceilMode: true }),
  ]);

function wideningBottleneck({ name, stage, stride, gainInitializer }: Place, width?: number): Layer {
  const filters = scaled(256 * 2 ** stage, width, GROUPS);
  return residual({
    name,
    branch: chain([
      convNorm({ name: `${name}.a`, filters: scaled(128 * 2 ** stage, width, GROUPS), kernelSize: 1 }),
      convNorm({ name: `${name}.b`, filters, kernelSize: 3, stride, padding: 1, groups: GROUPS }),
      convNorm({ name: `${name}.c`, filters, kernelSize: 1, activation: null, gainInitializer }),
      squeezeExcite({ name: `${name}.gated`, squeezed: filters / REDUCTION }),
    ]),
    shortcut: projection(name, filters, stride, stride === 1 ? 1 : 3),
  });
}

const PAPER = "Hu, Shen, Albanie, Sun and Wu 2017, Squeeze-and-excitation networks, arXiv:1709.01507";

export const SENETS: readonly ZooModel[] = [
  {
    name: "se-resnet50",
    family: "se-resnet",
    paper: PAPER,
    published: [exact(28_088_024, "pytorchcv (osmr/imgclsmob), seresnet50")],
    build: seResnet50,
  },
  {
    name: "senet154",
    family: "senet",
    paper: PAPER,
    published: [
      exact(
        115_088_984,
        "pytorchcv (osmr/imgclsmob), senet154; of Cadene's pretrained-models.pytorch the same",
      ),
      otherwise(146, LECTURE, "so in Tan and Le 2019, arXiv:1905.11946, table 2"),
    ],
    build: senet154,
  },
];
