/**
 * MobileNet (Howard et al. 2017, arXiv:1704.04861), wired as Keras's, and MobileNetV2 (Sandler et al. 2018,
 * arXiv:1801.04381), wired as torchvision's. `width` is their own multiplier: channels come in multiples of eight.
 */
import { clip, type Layer, type LayerOptions, type Network, sequential } from "../src/nn/index.ts";
import { convNorm, meansAndLogits } from "./blocks.ts";
import { inEights, invertedResidual } from "./inverted-residual.ts";
import type { ModelOptions, ZooModel } from "./options.ts";
import { exact, otherwise, rounded, torchvision } from "./sources.ts";

const relu6 = (options: LayerOptions): Layer => clip({ ...options, low: 0, high: 6 });

/** Channels, and the stride, of the thirteen separable convolutions of the first MobileNet. */
const SEPARABLE: readonly (readonly [filters: number, stride: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  ...Array.from({ length: 5 }, () => [512, 1] as const),
  [1024, 2],
  [1024, 1],
];

/** Of Keras's normalisations. */
const NORM = { epsilon: 1e-3, momentum: 0.99 };

/** A depthwise and a pointwise convolution, each with its normalisation and ReLU6. */
const separable =
  (name: string, filters: number, stride: number): Layer =>
  (x) => {
    const depthwise = convNorm({
      name: `${name}.depthwise`,
      filters: x.dims[1] as number,
      groups: "depthwise",
      kernelSize: 3,
      stride,
      padding: stride === 1 ? 1 : [0, 0, 1, 1],
      activation: relu6,
      ...NORM,
    });
    const pointwise = convNorm({
      name: `${name}.pointwise`,
      filters,
      kernelSize: 1,
      activation: relu6,
      ...NORM,
    });
    return pointwise(depthwise(x));
  };

/** Images of [3, 224, 224] to logits, in 4,231,976 parameters. */
export const mobilenetV1 = ({
  classes = 1000,
  size = 224,
  width = 1,
  ...options
}: ModelOptions = {}): Network =>
  sequential({ input: [3, size, size], name: "mobilenet-v1", ...options }, [
    convNorm({
      name: "stem",
      filters: inEights(32 * width),
      kernelSize: 3,
      stride: 2,
      padding: "same",
      activation: relu6,
      ...NORM,
    }),
    ...SEPARABLE.map(([filters, stride], i) => separable(`block${i + 1}`, inEights(filters * width), stride)),
    meansAndLogits(classes, 1e-3),
  ]);

/** The stages of MobileNetV2: how much wider the middle is, channels, blocks, and the first one's stride. */
const STAGES: readonly (readonly [expansion: number, filters: number, blocks: number, stride: number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** Images of [3, 224, 224] to logits, in 3,504,872 parameters. */
export const mobilenetV2 = ({
  classes = 1000,
  size = 224,
  width = 1,
  ...options
}: ModelOptions = {}): Network =>
  sequential({ input: [3, size, size], name: "mobilenet-v2", ...options }, [
    convNorm({
      name: "stem",
      filters: inEights(32 * width),
      kernelSize: 3,
      stride: 2,
      padding: 1,
      activation: relu6,
    }),
    ...STAGES.flatMap(([expansion, filters, blocks, stride], stage) =>
      Array.from(
        { length: blocks },
        (_, block): Layer =>
          (x) =>
            invertedResidual({
              name: `stage${stage + 1}.block${block + 1}`,
              expanded: (x.dims[1] as number) * expansion,
              filters: inEights(filters * width),
              kernelSize: 3,
              stride: block === 0 ? stride : 1,
              activation: relu6,
            })(x),
      ),
    ),
    convNorm({ name: "last", filters: inEights(1280 * width), kernelSize: 1, activation: relu6 }),
    meansAndLogits(classes, 0.2),
  ]);

export const MOBILENETS: readonly ZooModel[] = [
  {
    name: "mobilenet-v1",
    family: "mobilenet-v1",
    paper:
      "Howard et al. 2017, MobileNets: efficient convolutional neural networks for mobile vision applications, arXiv:1704.04861",
    published: [
      exact(4_231_976, "MobileNet of keras.applications, trainable parameters; mobilenetv1_100 of timm 1.0"),
      rounded(4.2, "the paper"),
    ],
    build: mobilenetV1,
  },
  {
    name: "mobilenet-v2",
    family: "mobilenet-v2",
    paper:
      "Sandler, Howard, Zhu, Zhmoginov and Chen 2018, MobileNetV2: inverted residuals and linear bottlenecks, arXiv:1801.04381",
    published: [torchvision(3_504_872), otherwise(3.4, "the paper")],
    build: mobilenetV2,
  },
];
