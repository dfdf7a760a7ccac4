/** ConvNeXt (Liu et al. 2022, A ConvNet for the 2020s, arXiv:2201.03545), wired as torchvision's. */
import {
  add,
  chain,
  conv2d,
  dense,
  dropPath,
  flatten,
  gelu,
  globalAveragePool2d,
  initializers,
  type Layer,
  layerNorm,
  type Network,
  scale,
  sequential,
  transpose,
} from "../src/nn/index.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { rounded, torchvision } from "./sources.ts";

/** What the functions of ConvNeXt take. */
export interface ConvnextOptions extends ModelOptions {
  /** What the gain of each block's branch begins at; 1e-6, as published, by default. */
  readonly layerScale?: number;
}

/** What makes one network of the family. */
interface Convnext {
  readonly blocks: readonly [number, number, number, number];
  /** Of the first stage; each of the others has twice the channels of the one before it. */
  readonly channels: number;
  /** The rate at which the last block's branch is dropped; blocks before it have less, the first none. */
  readonly dropRate: number;
}

const EPSILON = 1e-6;
const WHOLE = 8;

/** Channels to the back and to the front again: [C, H, W] and [H, W, C]. */
const channelsLast = (): Layer => transpose({ order: [2, 3, 1] });
const channelsFirst = (): Layer => transpose({ order: [3, 1, 2] });

/** Layer normalisation of each pixel's channels. */
const normOfPixels = (name: string): Layer =>
  chain([channelsLast(), layerNorm({ name, epsilon: EPSILON }), channelsFirst()]);

const convnext =
  (name: string, { blocks, channels, dropRate }: Convnext) =>
  ({ classes = 1000, size = 224, width, layerScale = 1e-6, ...options }: ConvnextOptions = {}): Network => {
    const first = scaled(channels, width, WHOLE);
    const last = blocks.reduce((sum, count) => sum + count) - 1;
    let place = 0;
    const stage = (at: number, count: number): Layer[] => {
      const filters = first * 2 ** at;
      const name = `stage${at + 1}`;
      const smaller = [
        normOfPixels(`${name}.norm`),
        conv2d({ name: `${name}.down`, filters, kernelSize: 2, stride: 2 }),
      ];
      const rest = Array.from({ length: count }, (_, i) =>
        block(`${name}.block${i + 1}`, filters, layerScale, (dropRate * place++) / last),
      );
      return at === 0 ? rest : [...smaller, ...rest];
    };
    return sequential({ input: [3, size, size], name, ...options }, [
      conv2d({ name: "stem", filters: first, kernelSize: 4, stride: 4 }),
      normOfPixels("stem.norm"),
      ...blocks.flatMap((count, at) => stage(at, count)),
      globalAveragePool2d(),
      flatten(),
      layerNorm({ name: "norm", epsilon: EPSILON }),
      dense({ name: "output", units: classes }),
    ]);
  };

/** Depthwise 7×7, then for each pixel a normalisation and a perceptron four times as wide; its sum with the input. */
const block = (name: string, channels: number, gain: number, rate: number): Layer => {
  const branch = chain([
    conv2d({
      name: `${name}.depthwise`,
      filters: channels,
      kernelSize: 7,
      padding: 3,
      groups: "depthwise",
    }),
    channelsLast(),
    layerNorm({ name: `${name}.norm`, epsilon: EPSILON }),
    dense({ name: `${name}.wide`, units: 4 * channels }),
    gelu(),
    dense({ name: `${name}.narrow`, units: channels }),
    channelsFirst(),
    scale({ name: `${name}.scale`, axis: 1, initializer: initializers.constant(gain) }),
    dropPath({ rate }),
  ]);
  return (x) => add([branch(x), x], { name });
};

/** 28,589,128 parameters. @function */
export const convnextTiny = convnext("convnext-tiny", { blocks: [3, 3, 9, 3], channels: 96, dropRate: 0.1 });
/** 50,223,688 parameters. @function */
export const convnextSmall = convnext("convnext-small", {
  blocks: [3, 3, 27, 3],
  channels: 96,
  dropRate: 0.4,
});
/** 88,591,464 parameters. @function */
export const convnextBase = convnext("convnext-base", {
  blocks: [3, 3, 27, 3],
  channels: 128,
  dropRate: 0.5,
});
/** 197,767,336 parameters. @function */
export const convnextLarge = convnext("convnext-large", {
  blocks: [3, 3, 27, 3],
  channels: 192,
  dropRate: 0.5,
});

const listed = (
  name: string,
  build: ZooModel["build"],
  parameters: number,
  millionsOfPaper: number,
): ZooModel => ({
  name,
  family: "convnext",
  paper: "Liu, Mao, Wu, Feichtenhofer, Darrell and Xie 2022, A ConvNet for the 2020s, arXiv:2201.03545",
  published: [torchvision(parameters), rounded(millionsOfPaper, "the paper, table 1")],
  build,
});

export const CONVNEXTS: readonly ZooModel[] = [
  listed("convnext-tiny", convnextTiny, 28_589_128, 29),
  listed("convnext-small", convnextSmall, 50_223_688, 50),
  listed("convnext-base", convnextBase, 88_591_464, 89),
  listed("convnext-large", convnextLarge, 197_767_336, 198),
];
