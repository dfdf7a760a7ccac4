/** U-Net (Ronneberger, Fischer and Brox 2015, arXiv:1505.04597): a class for every pixel. */

import { UsageError } from "../src/errors.ts";
import {
  batchNorm,
  chain,
  concat,
  conv2d,
  convTranspose2d,
  crop2d,
  dropout,
  type Layer,
  maxPool2d,
  type Network,
  network,
  relu,
  type Value,
} from "../src/nn/index.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { exact } from "./sources.ts";

/** What `unet` takes; `classes` is how many there are for each pixel. */
export interface UnetOptions extends ModelOptions {
  /** Channels of the picture; 1 by default. */
  readonly channels?: number;
  /** How often the picture is halved; 4 by default. */
  readonly depth?: number;
  /** Whether zeros around the maps keep the picture's size; false, as published, by default. */
  readonly padded?: boolean;
  /** Whether maps are normalised behind each 3×3 convolution, which then has no bias; false, as published, by default. */
  readonly normalized?: boolean;
  /** Share of elements that training drops at the end of the contracting path; 0.5 by default. */
  readonly dropoutRate?: number;
}

/** What every level of the U is made by. */
type Wiring = Required<Pick<UnetOptions, "padded" | "normalized" | "dropoutRate">>;

/** The side of the paper's tile, and of the padded network's picture: the side of the paper's own microscope pictures. */
const SIZES = { unpadded: 572, padded: 512 };

/**
 * Pictures of [1, 572, 572] to logits [2, 388, 388]: convolutions lose their rim, and what the expanding path takes over
 * from the contracting one is cropped to fit. 31,030,658 parameters. `padded` keeps the size ([1, 512, 512] to
 * [2, 512, 512]) at the same count. Every halved map must have even sides; a UsageError names a size that has not.
 * The paper does not say what share it drops; half is that of the network which its authors published, on the last level
 * of the contracting path and the one below.
 */
export const unet = ({
  channels = 1,
  classes = 2,
  depth = 4,
  dropoutRate = 0.5,
  normalized = false,
  padded = false,
  size = padded ? SIZES.padded : SIZES.unpadded,
  width,
  ...options
}: UnetOptions = {}): Network =>
  network({ input: [channels, size, size], name: "unet", ...options }, (x) => {
    const features = level(x, 1, depth, scaled(64, width), { padded, normalized, dropoutRate });
    return conv2d({ name: "output", filters: classes, kernelSize: 1 })(features);
  });

/** The U from one level down: two convolutions, what lies below, and two more on both of them side by side. */
function level(x: Value, at: number, depth: number, filters: number, wiring: Wiring): Value {
  const drop = at < depth ? [] : [dropout({ rate: wiring.dropoutRate })];
  if (at > depth) return chain([convolutions("bottom", filters, wiring), ...drop])(x);
  const kept = chain([convolutions(`down${at}`, filters, wiring), ...drop])(x);
  const below = level(halved(kept, at), at + 1, depth, 2 * filters, wiring);
  const enlarged = convTranspose2d({ name: `up${at}`, filters, kernelSize: 2, stride: 2 })(below);
  return convolutions(`up${at}`, filters, wiring)(concat([croppedTo(enlarged, kept), enlarged]));
}

/** Two 3×3 convolutions with rectifiers. */
const convolutions = (name: string, filters: number, { padded, normalized }: Wiring): Layer =>
  chain(
    ["a", "b"].flatMap((place) => [
      conv2d({
        name: `${name}.${place}`,
        filters,
        kernelSize: 3,
        padding: padded ? 1 : 0,
        bias: !normalized,
      }),
      ...(normalized ? [batchNorm({ name: `${name}.${place}.norm` })] : []),
      relu({ name: `${name}.${place}.relu` }),
    ]),
  );

/** The side of an image of known size. */
const sideOf = ({ dims }: Value): number => dims[2] as number;

function halved(x: Value, at: number): Value {
  if (sideOf(x) % 2 !== 0)
    throw new UsageError(`unet: halving ${at} meets maps of odd sides, ${sideOf(x)}; choose another size`);
  return maxPool2d({ name: `pool${at}`, kernelSize: 2 })(x);
}

/** The middle of a map, as large as another. Even maps of even maps differ by an even number. */
function croppedTo(target: Value, x: Value): Value {
  const rim = (sideOf(x) - sideOf(target)) / 2;
  return rim === 0 ? x : crop2d({ height: rim, width: rim })(x);
}

const PAPER =
  "Ronneberger, Fischer and Brox 2015, U-Net: convolutional networks for biomedical image segmentation, arXiv:1505.04597";

export const UNETS: readonly ZooModel[] = [
  {
    name: "unet",
    family: "unet",
    paper: PAPER,
    published: [
      exact(31_030_658, "G. Chlebus, gchlebus.github.io, code/profiling-tf-models/u_net.py (2018)"),
    ],
    build: unet,
  },
  {
    name: "unet-padded",
    family: "unet",
    paper: PAPER,
    published: [
      {
        parameters: 31_030_658,
        source: "as the unpadded network: zeros are no parameters",
        precision: "exact",
      },
    ],
    build: (options) => unet({ ...options, padded: true }),
  },
];
