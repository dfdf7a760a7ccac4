/** AlexNet (Krizhevsky, Sutskever and Hinton 2012, ImageNet classification with deep convolutional neural networks). */
import {
  chain,
  dense,
  dropout,
  flatten,
  localResponseNorm,
  maxPool2d,
  type Network,
  relu,
  sequential,
} from "../src/nn/index.ts";
import { adaptiveAveragePool2d } from "./adaptive-pool.ts";
import { convRelu, hiddenLayersAndLogits } from "./blocks.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { exact, torchvision } from "./sources.ts";

const overlappingPool = (name: string) => maxPool2d({ name, kernelSize: 3, stride: 2 });

/**
 * AlexNet as torchvision has it, after Krizhevsky 2014 (One weird trick for parallelizing convolutional neural networks,
 * arXiv:1404.5997): one tower, fewer filters, no normalisation. Images of [3, 224, 224] to logits; 61,100,840 parameters.
 */
export const alexnet = ({ classes = 1000, size = 224, width, ...options }: ModelOptions = {}): Network => {
  const units = scaled(4096, width);
  return sequential({ input: [3, size, size], name: "alexnet", ...options }, [
    convRelu({ name: "conv1", filters: scaled(64, width), kernelSize: 11, stride: 4, padding: 2 }),
    overlappingPool("pool1"),
    convRelu({ name: "conv2", filters: scaled(192, width), kernelSize: 5, padding: 2 }),
    overlappingPool("pool2"),
    convRelu({ name: "conv3", filters: scaled(384, width), kernelSize: 3, padding: 1 }),
    convRelu({ name: "conv4", filters: scaled(256, width), kernelSize: 3, padding: 1 }),
    convRelu({ name: "conv5", filters: scaled(256, width), kernelSize: 3, padding: 1 }),
    overlappingPool("pool5"),
    adaptiveAveragePool2d({ name: "means", size: 6 }),
    flatten(),
    dropout(),
    dense({ name: "fc6", units }),
    relu({ name: "fc6.relu" }),
    dropout(),
    dense({ name: "fc7", units }),
    relu({ name: "fc7.relu" }),
    dense({ name: "output", units: classes }),
  ]);
};

/**
 * The network as published: two towers, one a GPU, that meet in conv3 and the fully connected layers (elsewhere groups), and
 * brightness normalisation over neighbouring maps. Images of [3, 227, 227], without which the paper's 55 × 55 maps do not come
 * out of its stride of 4; 60,965,224 parameters.
 */
export const alexnetOf2012 = ({
  classes = 1000,
  size = 227,
  width,
  ...options
}: ModelOptions = {}): Network => {
  // The paper's alpha multiplies the sum over 5 maps, ONNX's its mean.
  const brightness = (name: string) =>
    localResponseNorm({ name, size: 5, alpha: 5 * 1e-4, beta: 0.75, bias: 2 });
  const inTowers = (name: string, filters: number, kernelSize: number) =>
    convRelu({
      name,
      filters: scaled(filters, width, 2),
      kernelSize,
      padding: (kernelSize - 1) / 2,
      groups: 2,
    });
  return sequential({ input: [3, size, size], name: "alexnet-2012", ...options }, [
    convRelu({ name: "conv1", filters: scaled(96, width, 2), kernelSize: 11, stride: 4 }),
    chain([brightness("norm1"), overlappingPool("pool1")]),
    inTowers("conv2", 256, 5),
    chain([brightness("norm2"), overlappingPool("pool2")]),
    convRelu({ name: "conv3", filters: scaled(384, width, 2), kernelSize: 3, padding: 1 }),
    inTowers("conv4", 384, 3),
    inTowers("conv5", 256, 3),
    overlappingPool("pool5"),
    hiddenLayersAndLogits(scaled(4096, width), classes),
  ]);
};

const PAPER =
  "Krizhevsky, Sutskever and Hinton 2012, ImageNet classification with deep convolutional neural networks, NIPS 25";

export const ALEXNETS: readonly ZooModel[] = [
  {
    name: "alexnet",
    family: "alexnet",
    paper: `${PAPER}; Krizhevsky 2014, arXiv:1404.5997`,
    published: [torchvision(61_100_840), exact(61_100_840, "lecture C, Examples: AlexNet")],
    build: alexnet,
  },
  {
    name: "alexnet-2012",
    family: "alexnet-2012",
    paper: PAPER,
    published: [
      exact(60_965_224, "Caffe, bvlc_alexnet"),
      { parameters: 60_000_000, source: "the paper's abstract: 60 million", precision: "rounded" },
    ],
    build: alexnetOf2012,
  },
];
