/** ShuffleNet v2 (Ma, Zhang, Zheng and Sun 2018, arXiv:1807.11164), wired as torchvision's. */
import {
  chain,
  channelShuffle,
  concat,
  type Layer,
  maxPool2d,
  type Network,
  sequential,
  split,
  type Value,
} from "../src/nn/index.ts";
import { convNorm, meansAndLogits } from "./blocks.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { torchvision } from "./sources.ts";

/** Units of the three stages; the first of each halves the image. */
const UNITS = [4, 8, 4];

/** Which of the family, by how many times as wide as "1.0" it is about. */
export type ShuffleNetVariant = "0.5" | "1.0" | "1.5" | "2.0";

/** Channels of the three stages and of the last convolution, and how many parameters that makes. */
interface Shape {
  readonly filters: readonly [number, number, number];
  readonly last: number;
  readonly parameters: number;
}

const VARIANTS: Readonly<Record<ShuffleNetVariant, Shape>> = {
  "0.5": { filters: [48, 96, 192], last: 1024, parameters: 1_366_792 },
  "1.0": { filters: [116, 232, 464], last: 1024, parameters: 2_278_604 },
  "1.5": { filters: [176, 352, 704], last: 1024, parameters: 3_503_624 },
  "2.0": { filters: [244, 488, 976], last: 2048, parameters: 7_393_996 },
};

const depthwise = (name: string, filters: number, stride: number): Layer =>
  convNorm({
    name,
    filters,
    groups: "depthwise",
    kernelSize: 3,
    stride,
    padding: 1,
    activation: null,
  });

const pointwise = (name: string, filters: number): Layer => convNorm({ name, filters, kernelSize: 1 });

/**
 * Half of the channels go through unchanged, the others through three convolutions, and a shuffle brings them among each
 * other. Where the image is halved both halves are made of all channels.
 */
const unit =
  (name: string, filters: number, halves: boolean): Layer =>
  (x) => {
    const half = filters / 2;
    const stride = halves ? 2 : 1;
    const changed = chain([
      pointwise(`${name}.in`, half),
      depthwise(`${name}.depthwise`, half, stride),
      pointwise(`${name}.out`, half),
    ]);
    const shortcut = chain([
      depthwise(`${name}.shortcut.depthwise`, x.dims[1] as number, stride),
      pointwise(`${name}.shortcut`, half),
    ]);
    const [left, right] = halves
      ? [shortcut(x), x]
      : (split({ name: `${name}.split`, axis: 1, parts: 2 })(x) as [Value, Value]);
    const both = concat([left, changed(right)], { name: `${name}.both` });
    return channelShuffle({ name, groups: 2 })(both);
  };

/** What `shuffleNetV2` takes. */
export interface ShuffleNetOptions extends ModelOptions {
  /** "1.0" by default. */
  readonly variant?: ShuffleNetVariant;
}

/** Images of [3, 224, 224] to logits; 2,278,604 parameters in the network of width 1.0. */
export const shuffleNetV2 = ({
  variant = "1.0",
  classes = 1000,
  size = 224,
  width,
  ...options
}: ShuffleNetOptions = {}): Network => {
  const { filters, last } = VARIANTS[variant];
  return sequential({ input: [3, size, size], name: `shufflenet-v2-x${variant}`, ...options }, [
    convNorm({ name: "stem", filters: scaled(24, width, 4), kernelSize: 3, stride: 2, padding: 1 }),
    maxPool2d({ name: "stem.pool", kernelSize: 3, stride: 2, padding: 1 }),
    ...UNITS.flatMap((units, stage) =>
      Array.from({ length: units }, (_, i) =>
        unit(`stage${stage + 1}.unit${i + 1}`, scaled(filters[stage] as number, width, 4), i === 0),
      ),
    ),
    pointwise("last", scaled(last, width)),
    meansAndLogits(classes),
  ]);
};

export const SHUFFLENETS: readonly ZooModel[] = Object.entries(VARIANTS).map(([variant, { parameters }]) => ({
  name: `shufflenet-v2-x${variant}`,
  family: "shufflenet-v2",
  paper:
    "Ma, Zhang, Zheng and Sun 2018, ShuffleNet V2: practical guidelines for efficient CNN architecture design, arXiv:1807.11164",
  published: [torchvision(parameters)],
  build: (options) => shuffleNetV2({ ...options, variant: variant as ShuffleNetVariant }),
}));
