/** What ResNets, their wider, grouped and gated forms, and SENet have in common. */
import {
  chain,
  type Initializer,
  initializers,
  type Layer,
  maxPool2d,
  type Network,
  sequential,
} from "../src/nn/index.ts";
import { convNorm, meansAndLogits, residual, squeezeExcite } from "./blocks.ts";
import { type ModelOptions, scaled } from "./options.ts";

/** Where a block stands. */
export interface Place {
  /** Such as "stage2.block1". */
  readonly name: string;
  /** From 0. */
  readonly stage: number;
  /** 2 where a stage halves the image, 1 elsewhere. */
  readonly stride: number;
  /** Of the normalisation at the end of the branch. */
  readonly gainInitializer: Initializer;
}

/** A network of residual blocks. */
export interface ResidualNetwork {
  /** Its name. */
  readonly name: string;
  /** Blocks in each stage; the first of every stage but the first halves the image. */
  readonly blocks: readonly number[];
  /** The block at a place. */
  readonly block: (place: Place) => Layer;
  /** What comes before the stages; by default a convolution of 7×7 and a pool of 3×3, each of stride 2. */
  readonly stem?: Layer;
  /** Of dropout before the logits; 0 by default. */
  readonly dropout?: number;
}

/**
 * With what branches start: a gain of 1 / √blocks, with which all of them together add about as much as there was (De and Smith
 * 2020, arXiv:2002.10444). With 1, sums would double from block to block until running statistics are there, and gates would
 * all be shut or open.
 *
 * @param blocks - Blocks in each stage.
 */
export const branchGain = (blocks: readonly number[]): Initializer =>
  initializers.constant(1 / Math.sqrt(blocks.reduce((sum, count) => sum + count)));

/** Stem, stages, means and logits: images of [3, 224, 224] to 1000 classes by default. */
export function residualNetwork(
  { name, blocks, block, stem, dropout = 0 }: ResidualNetwork,
  { classes = 1000, size = 224, width, ...options }: ModelOptions,
): Network {
  const gainInitializer = branchGain(blocks);
  return sequential({ input: [3, size, size], name, ...options }, [
    stem ?? sevenBySeven(scaled(64, width)),
    ...blocks.flatMap((count, stage) =>
      Array.from({ length: count }, (_, i) =>
        block({
          name: `stage${stage + 1}.block${i + 1}`,
          stage,
          stride: stage > 0 && i === 0 ? 2 : 1,
          gainInitializer,
        }),
      ),
    ),
    meansAndLogits(classes, dropout),
  ]);
}

const sevenBySeven = (filters: number): Layer =>
  chain([
    convNorm({ name: "stem", filters, kernelSize: 7, stride: 2, padding: 3 }),
    maxPool2d({ name: "stem.pool", kernelSize: 3, stride: 2, padding: 1 }),
  ]);

/**
 * The shortcut of a block: the identity where it can be, otherwise a convolution and its normalisation.
 *
 * @param kernelSize - Of the convolution; 1 by default.
 */
export const projection =
  (name: string, filters: number, stride: number, kernelSize = 1): Layer =>
  (x) =>
    stride === 1 && x.dims[1] === filters
      ? x
      : convNorm({
          name: `${name}.shortcut`,
          filters,
          kernelSize,
          stride,
          padding: (kernelSize - 1) / 2,
          activation: null,
        })(x);

/** Two convolutions of 3×3. */
export const basicBlock =
  (width?: number) =>
  ({ name, stage, stride, gainInitializer }: Place): Layer => {
    const filters = scaled(64 * 2 ** stage, width);
    return residual({
      name,
      branch: chain([
        convNorm({ name: `${name}.a`, filters, kernelSize: 3, stride, padding: 1 }),
        convNorm({
          name: `${name}.b`,
          filters,
          kernelSize: 3,
          padding: 1,
          activation: null,
          gainInitializer,
        }),
      ]),
      shortcut: projection(name, filters, stride),
    });
  };

/** The kinds of bottlenecks. */
export interface Bottleneck {
  /** Channels between the first and the last convolution in the first stage; 64 by default. */
  readonly inner?: number;
  /** Groups of the 3×3 convolution; 1 by default. */
  readonly groups?: number;
  /** Channels a channel of squeeze-and-excitation stands for; without it there is none. */
  readonly reduction?: number;
}

/** 1×1, 3×3, 1×1; the stride is the 3×3's, as in torchvision ("v1.5"), where He et al. 2015 have it in the first 1×1. */
export const bottleneck =
  ({ inner = 64, groups = 1, reduction }: Bottleneck, width?: number) =>
  ({ name, stage, stride, gainInitializer }: Place): Layer => {
    const filters = scaled(256 * 2 ** stage, width);
    const middle = scaled(inner * 2 ** stage, width, groups);
    return residual({
      name,
      branch: chain([
        convNorm({ name: `${name}.a`, filters: middle, kernelSize: 1 }),
        convNorm({ name: `${name}.b`, filters: middle, kernelSize: 3, stride, padding: 1, groups }),
        convNorm({ name: `${name}.c`, filters, kernelSize: 1, activation: null, gainInitializer }),
        ...(reduction === undefined
          ? []
          : [squeezeExcite({ name: `${name}.gated`, squeezed: Math.ceil(filters / reduction) })]),
      ]),
      shortcut: projection(name, filters, stride),
    });
  };
