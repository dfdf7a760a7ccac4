/** Vision Transformers (Dosovitskiy et al. 2020, An image is worth 16x16 words, arXiv:2010.11929), wired as torchvision's. */

import { UsageError } from "../src/errors.ts";
import {
  add,
  chain,
  conv2d,
  dense,
  flatten,
  gelu,
  initializers,
  type Layer,
  layerNorm,
  learned,
  multiHeadAttention,
  type Network,
  network,
  prependToken,
  reshape,
  slice,
  transpose,
} from "../src/nn/index.ts";
import { type ModelOptions, type Published, scaled, type ZooModel } from "./options.ts";
import { LECTURE, otherwise, rounded, torchvision } from "./sources.ts";

/** What makes one network of the family (the paper's table 1). */
interface Vit {
  /** The side of a patch, in pixels. */
  readonly patch: number;
  readonly layers: number;
  readonly heads: number;
  /** Features of a token; the perceptrons are four times as wide. */
  readonly features: number;
}

const EPSILON = 1e-6;
const POSITION_DEVIATION = 0.02;

const BASE = { layers: 12, heads: 12, features: 768 };
const LARGE = { layers: 24, heads: 16, features: 1024 };
const HUGE = { layers: 32, heads: 16, features: 1280 };

/** Pictures to patches, tokens, and logits of the class token. The picture must be whole patches wide. */
const vit =
  (name: string, { patch, layers, heads, features }: Vit) =>
  ({ classes = 1000, size = 224, width, ...options }: ModelOptions = {}): Network => {
    const tokens = (size / patch) ** 2;
    const narrowed = scaled(features, width, heads);
    if (!Number.isInteger(size / patch))
      throw new UsageError(`${name}: a picture of ${size}×${size} does not fall into patches of ${patch}`);
    return network({ input: [3, size, size], name, ...options }, (x) => {
      const patches = chain([
        conv2d({ name: "patches", filters: narrowed, kernelSize: patch, stride: patch }),
        reshape({ dims: [narrowed, tokens] }),
        transpose({ order: [2, 1] }),
        prependToken({ name: "token" }),
      ])(x);
      const positions = learned({
        name: "positions",
        dims: [tokens + 1, narrowed],
        initializer: ({ dims, fanOut }, random) =>
          initializers.heNormal()({ dims, fanIn: 2 / POSITION_DEVIATION ** 2, fanOut }, random),
      })(patches);
      return chain([
        ...Array.from({ length: layers }, (_, i) => encoder(`encoder${i + 1}`, narrowed, heads)),
        layerNorm({ name: "norm", epsilon: EPSILON }),
        slice({ axis: 1, start: 0, end: 1 }),
        flatten(),
        dense({ name: "output", units: classes }),
      ])(add([patches, positions]));
    });
  };

/** Attention and a perceptron, each normalised first and added to its input. */
const encoder = (name: string, features: number, heads: number): Layer => {
  const weightInitializer = initializers.glorotUniform();
  const attention = chain([
    layerNorm({ name: `${name}.norm1`, epsilon: EPSILON }),
    multiHeadAttention({ name: `${name}.attention`, heads }),
  ]);
  const perceptron = chain([
    layerNorm({ name: `${name}.norm2`, epsilon: EPSILON }),
    dense({ name: `${name}.wide`, units: 4 * features, weightInitializer }),
    gelu(),
    dense({ name: `${name}.narrow`, units: features, weightInitializer }),
  ]);
  return (x) => {
    const attended = add([x, attention(x)]);
    return add([attended, perceptron(attended)], { name });
  };
};

/** ViT-B/16: 86,567,656 parameters at 224×224. @function */
export const vitB16 = vit("vit-b-16", { ...BASE, patch: 16 });
/** ViT-B/32: 88,224,232 parameters at 224×224. @function */
export const vitB32 = vit("vit-b-32", { ...BASE, patch: 32 });
/** ViT-L/16: 304,326,632 parameters at 224×224. @function */
export const vitL16 = vit("vit-l-16", { ...LARGE, patch: 16 });
/** ViT-L/32: 306,535,400 parameters at 224×224. @function */
export const vitL32 = vit("vit-l-32", { ...LARGE, patch: 32 });
/** ViT-H/14: 632,045,800 parameters at 224×224. @function */
export const vitH14 = vit("vit-h-14", { ...HUGE, patch: 14 });

const listed = (
  name: string,
  build: ZooModel["build"],
  parameters: number,
  ...others: readonly Published[]
): ZooModel => ({
  name,
  family: "vit",
  paper:
    "Dosovitskiy et al. 2020, An image is worth 16x16 words: transformers for image recognition at scale, arXiv:2010.11929",
  published: [torchvision(parameters), ...others],
  build,
});

const TABLE = "the paper, table 1";
/** Why a count of the paper is another. */
const EACH_SIZE = "one for each size, whatever its patches";

export const VITS: readonly ZooModel[] = [
  listed("vit-b-16", vitB16, 86_567_656, otherwise(86, TABLE, EACH_SIZE)),
  listed("vit-b-32", vitB32, 88_224_232),
  listed("vit-l-16", vitL16, 304_326_632, otherwise(307, TABLE, EACH_SIZE)),
  listed("vit-l-32", vitL32, 306_535_400, rounded(307, TABLE)),
  listed("vit-h-14", vitH14, 632_045_800, rounded(632, LECTURE), rounded(632, TABLE)),
];
