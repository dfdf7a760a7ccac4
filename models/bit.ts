/** Big Transfer (Kolesnikov et al. 2019, Big Transfer (BiT): general visual representation learning, arXiv:1912.11370). */
import {
  chain,
  conv2d,
  groupNorm,
  type Initializer,
  initializers,
  type Layer,
  maxPool2d,
  type Network,
  relu,
  sequential,
  zeroPad,
} from "../src/nn/index.ts";
import { meansAndLogits, residual } from "./blocks.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { branchGain } from "./residual-network.ts";
import { BLOCKS } from "./resnet.ts";
import { LECTURE, otherwise, rounded } from "./sources.ts";

/** Groups of maps that are normalised together. */
const GROUPS = 32;

/** Group normalisation and a rectifier. */
const normalized = (name: string, gainInitializer = initializers.ones()): Layer =>
  chain([
    groupNorm({ name: `${name}.norm`, groups: GROUPS, gainInitializer }),
    relu({ name: `${name}.activation` }),
  ]);

/** A convolution whose filters are standardised, each by itself, whenever it runs (Qiao et al. 2019, arXiv:1903.10520). */
const standardized = (name: string, filters: number, kernelSize: number, stride = 1): Layer =>
  conv2d({
    name: `${name}.conv`,
    filters,
    kernelSize,
    stride,
    padding: (kernelSize - 1) / 2,
    bias: false,
    weightStandardization: { epsilon: 1e-10 },
  });

/** A bottleneck that normalises first; its shortcut, where it is no identity, starts behind that normalisation. */
const block =
  (name: string, filters: number, stride: number, gainInitializer: Initializer): Layer =>
  (x) => {
    const input = normalized(`${name}.a`)(x);
    const branch = chain([
      standardized(`${name}.a`, filters / 4, 1),
      normalized(`${name}.b`),
      standardized(`${name}.b`, filters / 4, 3, stride),
      normalized(`${name}.c`, gainInitializer),
      standardized(`${name}.c`, filters, 1),
    ]);
    const identity = stride === 1 && x.dims[1] === filters;
    const shortcut = identity ? x : standardized(`${name}.shortcut`, filters, 1, stride)(input);
    return residual({ name, branch, shortcut: () => shortcut, activation: null })(input);
  };

/**
 * ResNet-v2 with group normalisation and weight standardisation, as google-research/big_transfer has it in PyTorch. The last gains
 * of a branch start as in `residualNetwork`; here they stand before its last convolution.
 */
function bit(
  depth: 50 | 101 | 152,
  factor: number,
  { classes = 1000, size = 224, width, ...options }: ModelOptions,
): Network {
  const gainInitializer = branchGain(BLOCKS[depth]);
  return sequential({ input: [3, size, size], name: `bit-r${depth}x${factor}`, ...options }, [
    standardized("stem", scaled(64 * factor, width, GROUPS), 7, 2),
    // Zeros, which win over what is negative: no normalisation and no rectifier has come yet.
    zeroPad({ name: "stem.padded", height: 1, width: 1 }),
    maxPool2d({ name: "stem.pool", kernelSize: 3, stride: 2 }),
    ...BLOCKS[depth].flatMap((count, stage) =>
      Array.from({ length: count }, (_, i) =>
        block(
          `stage${stage + 1}.block${i + 1}`,
          scaled(256 * 2 ** stage * factor, width, 4 * GROUPS),
          stage > 0 && i === 0 ? 2 : 1,
          gainInitializer,
        ),
      ),
    ),
    normalized("last"),
    meansAndLogits(classes),
  ]);
}

/** BiT-M R50x1: images of [3, 224, 224] to logits of 1000 classes, as all here; 25,549,352 parameters. */
export const bitR50x1 = (options: ModelOptions = {}): Network => bit(50, 1, options);
/** BiT-M R50x3; 217,319,080 parameters. */
export const bitR50x3 = (options: ModelOptions = {}): Network => bit(50, 3, options);
/** BiT-M R101x1; 44,541,480 parameters. */
export const bitR101x1 = (options: ModelOptions = {}): Network => bit(101, 1, options);
/** BiT-M R101x3; 387,934,888 parameters. */
export const bitR101x3 = (options: ModelOptions = {}): Network => bit(101, 3, options);
/** BiT-M R152x4, the network that BiT-L trained: 936,533,224 parameters, 3.7 GB, that are counted and planned only. */
export const bitR152x4 = (options: ModelOptions = {}): Network => bit(152, 4, options);

const family = {
  family: "bit",
  paper:
    "Kolesnikov et al. 2019, Big Transfer (BiT): general visual representation learning, arXiv:1912.11370",
};
const TIMM = "timm, docs/models/big-transfer.md";

export const BITS: readonly ZooModel[] = [
  { ...family, name: "bit-r50x1", published: [rounded(25.55, TIMM)], build: bitR50x1 },
  { ...family, name: "bit-r50x3", published: [rounded(217.32, TIMM)], build: bitR50x3 },
  { ...family, name: "bit-r101x1", published: [rounded(44.54, TIMM)], build: bitR101x1 },
  { ...family, name: "bit-r101x3", published: [rounded(387.93, TIMM)], build: bitR101x3 },
  {
    ...family,
    name: "bit-r152x4",
    published: [
      rounded(936.53, TIMM),
      otherwise(928, LECTURE, "which is the network before its logits: 8,193,000 less"),
    ],
    build: bitR152x4,
  },
];
