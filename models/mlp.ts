/** A multi-layer perceptron: what a network without any notion of neighbourhood makes of an image. */
import { dense, flatten, type Layer, type Network, relu, sequential } from "../src/nn/index.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { exact, otherwise } from "./sources.ts";

/** What `mlp` takes. */
export interface MlpOptions extends ModelOptions {
  /** Units of the hidden layers; [300, 100] by default, the larger of the two-layer networks in LeCun et al. 1998. */
  readonly hidden?: readonly number[];
  /** Channels of the picture; 1 by default. */
  readonly channels?: number;
}

/** Digits of [1, 28, 28] to 10 logits; 266,610 parameters with the default layers. */
export const mlp = ({
  hidden = [300, 100],
  channels = 1,
  classes = 10,
  size = 28,
  width,
  ...options
}: MlpOptions = {}): Network =>
  sequential({ input: [channels, size, size], name: "mlp", ...options }, [
    flatten(),
    ...hidden.flatMap((units, i): Layer[] => [
      dense({ name: `hidden${i + 1}`, units: scaled(units, width) }),
      relu(),
    ]),
    dense({ name: "output", units: classes }),
  ]);

/** Values of the picture that the lecture asks about. */
const VALUES = 512 * 512 * 3;

/**
 * Why images are no matter for dense layers: colour pictures of 512×512 and one hidden layer as wide as the picture has
 * values. 618,475,290,624 weights (786,432²) in that layer alone, 2.5 TB in float32: it can only be counted
 * (`weights: "counted"`).
 */
export const mlpOfPictures = (options: ModelOptions = {}): Network =>
  mlp({ hidden: [VALUES], channels: 3, size: 512, ...options });

export const MLPS: readonly ZooModel[] = [
  {
    name: "mlp",
    family: "mlp",
    paper: "LeCun, Bottou, Bengio and Haffner 1998, Proc. IEEE 86(11), section III.C: 784-300-100-10",
    published: [{ parameters: 266_610, source: "785 · 300 + 301 · 100 + 101 · 10", precision: "exact" }],
    build: mlp,
  },
  {
    name: "mlp-512",
    family: "mlp",
    paper: "lecture C, MLP and images: a hidden unit for each value of a picture of 512×512×3",
    published: [
      exact(
        (VALUES + 1) * (VALUES + 10),
        "786,433 · 786,432 for the hidden layer, 786,433 · 10 for the output",
      ),
      otherwise(619e3, "lecture C, MLP and images: 6.19·10^11 weights", "786,432² are 6.18·10^11"),
    ],
    build: mlpOfPictures,
  },
];
