/** ZFNet (Zeiler and Fergus 2013, Visualizing and understanding convolutional networks, arXiv:1311.2901). */
import { chain, localResponseNorm, maxPool2d, type Network, sequential } from "../src/nn/index.ts";
import { convRelu, hiddenLayersAndLogits } from "./blocks.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { exact } from "./sources.ts";

/**
 * AlexNet in one tower with smaller strides in front, after its first layers had been looked into (figure 3): images of
 * [3, 224, 224] to logits; 62,357,608 parameters. Padding and pools that round up are chosen so that the figure's sizes come
 * out: 110, 55, 26, 13, 6. The paper gives no numbers for its contrast normalisation; they are AlexNet's.
 */
export const zfnet = ({ classes = 1000, size = 224, width, ...options }: ModelOptions = {}): Network => {
  const pool = (name: string) => maxPool2d({ name, kernelSize: 3, stride: 2, ceilMode: true });
  const contrast = (name: string) =>
    localResponseNorm({ name, size: 5, alpha: 5 * 1e-4, beta: 0.75, bias: 2 });
  return sequential({ input: [3, size, size], name: "zfnet", ...options }, [
    convRelu({ name: "conv1", filters: scaled(96, width), kernelSize: 7, stride: 2, padding: 1 }),
    chain([pool("pool1"), contrast("norm1")]),
    convRelu({ name: "conv2", filters: scaled(256, width), kernelSize: 5, stride: 2 }),
    chain([pool("pool2"), contrast("norm2")]),
    convRelu({ name: "conv3", filters: scaled(384, width), kernelSize: 3, padding: 1 }),
    convRelu({ name: "conv4", filters: scaled(384, width), kernelSize: 3, padding: 1 }),
    convRelu({ name: "conv5", filters: scaled(256, width), kernelSize: 3, padding: 1 }),
    pool("pool5"),
    hiddenLayersAndLogits(scaled(4096, width), classes),
  ]);
};

export const ZFNET: readonly ZooModel[] = [
  {
    name: "zfnet",
    family: "zfnet",
    paper: "Zeiler and Fergus 2013, Visualizing and understanding convolutional networks, arXiv:1311.2901",
    published: [exact(62_357_608, "pytorchcv (osmr/imgclsmob), models/zfnet.py")],
    build: zfnet,
  },
];
