/** MobileNetV3 (Howard et al. 2019, arXiv:1905.02244), small and large, wired as torchvision's. */
import {
  dense,
  dropout,
  flatten,
  globalAveragePool2d,
  hardSigmoid,
  hardSwish,
  type Layer,
  type Network,
  relu,
  sequential,
} from "../src/nn/index.ts";
import { convNorm } from "./blocks.ts";
import { inEights, invertedResidual } from "./inverted-residual.ts";
import type { ModelOptions, ZooModel } from "./options.ts";
import { otherwise, rounded, torchvision } from "./sources.ts";

/** A block: the depthwise kernel, channels of the middle and of the output, the activation, gates, the stride. */
type Block = readonly [
  kernelSize: 3 | 5,
  expanded: number,
  filters: number,
  activation: typeof relu,
  gated: boolean,
  stride: 1 | 2,
];

/** A network: its blocks, and the features that come before the scores. */
interface Plan {
  readonly name: string;
  readonly blocks: readonly Block[];
  readonly features: number;
}

const LARGE: Plan = {
  name: "mobilenet-v3-large",
  blocks: [
    [3, 16, 16, relu, false, 1],
    [3, 64, 24, relu, false, 2],
    [3, 72, 24, relu, false, 1],
    [5, 72, 40, relu, true, 2],
    [5, 120, 40, relu, true, 1],
    [5, 120, 40, relu, true, 1],
    [3, 240, 80, hardSwish, false, 2],
    [3, 200, 80, hardSwish, false, 1],
    [3, 184, 80, hardSwish, false, 1],
    [3, 184, 80, hardSwish, false, 1],
    [3, 480, 112, hardSwish, true, 1],
    [3, 672, 112, hardSwish, true, 1],
    [5, 672, 160, hardSwish, true, 2],
    [5, 960, 160, hardSwish, true, 1],
    [5, 960, 160, hardSwish, true, 1],
  ],
  features: 1280,
};

const SMALL: Plan = {
  name: "mobilenet-v3-small",
  blocks: [
    [3, 16, 16, relu, true, 2],
    [3, 72, 24, relu, false, 2],
    [3, 88, 24, relu, false, 1],
    [5, 96, 40, hardSwish, true, 2],
    [5, 240, 40, hardSwish, true, 1],
    [5, 240, 40, hardSwish, true, 1],
    [5, 120, 48, hardSwish, true, 1],
    [5, 144, 48, hardSwish, true, 1],
    [5, 288, 96, hardSwish, true, 2],
    [5, 576, 96, hardSwish, true, 1],
    [5, 576, 96, hardSwish, true, 1],
  ],
  features: 1024,
};

const NORM = { epsilon: 1e-3, momentum: 0.99 };

const mobilenetV3 = (
  { name, blocks, features }: Plan,
  { classes = 1000, size = 224, width = 1, ...options }: ModelOptions = {},
): Network => {
  const channels = (count: number): number => inEights(count * width);
  const [, , narrowest] = blocks.at(-1) as Block;
  const block = ([kernelSize, expanded, filters, activation, gated, stride]: Block, i: number): Layer =>
    invertedResidual({
      name: `block${i + 1}`,
      kernelSize,
      stride,
      expanded: channels(expanded),
      filters: channels(filters),
      activation,
      squeeze: gated ? { squeezed: inEights(channels(expanded) / 4), gate: hardSigmoid } : undefined,
      norm: NORM,
    });
  return sequential({ input: [3, size, size], name, ...options }, [
    convNorm({
      name: "stem",
      filters: channels(16),
      kernelSize: 3,
      stride: 2,
      padding: 1,
      activation: hardSwish,
      ...NORM,
    }),
    ...blocks.map(block),
    convNorm({
      name: "last",
      filters: 6 * channels(narrowest),
      kernelSize: 1,
      activation: hardSwish,
      ...NORM,
    }),
    globalAveragePool2d(),
    flatten(),
    dense({ name: "features", units: channels(features) }),
    hardSwish({ name: "features.hardSwish" }),
    dropout({ rate: 0.2 }),
    dense({ name: "output", units: classes }),
  ]);
};

/** Images of [3, 224, 224] to logits, in 2,542,856 parameters. */
export const mobilenetV3Small = (options?: ModelOptions): Network => mobilenetV3(SMALL, options);

/** Images of [3, 224, 224] to logits, in 5,483,032 parameters. */
export const mobilenetV3Large = (options?: ModelOptions): Network => mobilenetV3(LARGE, options);

const PAPER = "Howard et al. 2019, Searching for MobileNetV3, arXiv:1905.02244";

export const MOBILENETS_V3: readonly ZooModel[] = [
  {
    name: "mobilenet-v3-small",
    family: "mobilenet-v3",
    paper: PAPER,
    published: [torchvision(2_542_856), rounded(2.5, "the paper")],
    build: mobilenetV3Small,
  },
  {
    name: "mobilenet-v3-large",
    family: "mobilenet-v3",
    paper: PAPER,
    published: [torchvision(5_483_032), otherwise(5.4, "the paper")],
    build: mobilenetV3Large,
  },
];
