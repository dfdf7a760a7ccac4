import { arrayOf, COUNT, numberIn, objectOf, oneOf } from "../../arguments.ts";
import { UsageError } from "../../errors.ts";
import { elementCount } from "../../tensor.ts";
import { changed, pictureDims } from "./changed.ts";
import type { Dataset } from "./dataset.ts";
import { PIXEL_OPERATIONS, type Picture, type PixelOperation } from "./pixel-operations.ts";

/** One operation of a policy: how likely it is, and how strong, from 0 to 10; those without a strength need none. */
export type PolicyStep = readonly [operation: PixelOperation, probability: number, magnitude?: number];

/** Lists of operations, of which each picture gets one list, drawn anew. */
export type Policy = readonly (readonly PolicyStep[])[];

/** What is not said of pictures otherwise. */
export interface PixelOptions {
  /** The values of black and white; 0 and 1 by default. */
  readonly range?: readonly [black: number, white: number];
  /** What comes in from outside a picture, as one of its values; black by default. */
  readonly fill?: number;
  /** Draws follow from it, the epoch and the sample's number alone; default 0. */
  readonly seed?: number;
}

/** What `autoAugment` takes. */
export interface AutoAugmentOptions extends PixelOptions {
  /** imagenetPolicy by default. */
  readonly policy?: Policy;
}

/** What `randAugment` takes. */
export interface RandAugmentOptions extends PixelOptions {
  /** Operations for each picture; 2 by default. */
  readonly count?: number;
  /** How strong they are, from 0 to 10; 9 by default. */
  readonly magnitude?: number;
  /** Those drawn from, all alike; all but `invert` and `cutout` by default, as in the paper but for its identity. */
  readonly operations?: readonly PixelOperation[];
}

const STRONGEST = 10;
const MAGNITUDE = { from: 0, to: STRONGEST };
const NAMES = Object.keys(PIXEL_OPERATIONS) as PixelOperation[];

/**
 * Pictures [C, height, width] changed by a policy (Cubuk et al. 2019, AutoAugment, arXiv:1805.09501): of a list of operations drawn
 * for it, each happens with its own probability; where an operation has two ways (left and right, darker and lighter), one is
 * drawn. Throws a UsageError for a policy that is none and for samples that are no pictures.
 */
export function autoAugment(dataset: Dataset, options: AutoAugmentOptions = {}): Dataset {
  const { policy = imagenetPolicy } = objectOf("autoAugment: the options", options);
  if (arrayOf("autoAugment: policy", policy).length === 0)
    throw new UsageError("autoAugment: policy must have a list of operations");
  for (const list of policy)
    for (const step of arrayOf("autoAugment: a list of the policy", list)) {
      const [operation, probability, magnitude = 0] = arrayOf("autoAugment: a step of the policy", step);
      oneOf("autoAugment: an operation", operation as string, NAMES);
      numberIn(`autoAugment: the probability of ${operation}`, probability, { from: 0, to: 1 });
      numberIn(`autoAugment: the magnitude of ${operation}`, magnitude, MAGNITUDE);
    }
  return operated("autoAugment", dataset, options, (picture, draw) => {
    for (const [operation, probability, magnitude = 0] of oneDrawn(policy, draw))
      if (draw() < probability) operate(picture, operation, magnitude, draw);
  });
}

/** Pictures [C, height, width] changed by a few operations drawn for each, all as strong (Cubuk et al. 2020, arXiv:1909.13719). */
export function randAugment(dataset: Dataset, options: RandAugmentOptions = {}): Dataset {
  const {
    count = 2,
    magnitude = 9,
    operations = NAMES.filter((name) => name !== "invert" && name !== "cutout"),
  } = objectOf("randAugment: the options", options);
  numberIn("randAugment: count", count, COUNT);
  numberIn("randAugment: magnitude", magnitude, MAGNITUDE);
  for (const name of arrayOf("randAugment: operations", operations))
    oneOf("randAugment: an operation", name, NAMES);
  if (operations.length === 0) throw new UsageError("randAugment: operations must not be empty");
  return operated("randAugment", dataset, options, (picture, draw) => {
    for (let i = 0; i < count; i++) operate(picture, oneDrawn(operations, draw), magnitude, draw);
  });
}

/** The data set with a change to pictures of values from 0 to 1. */
function operated(
  by: string,
  dataset: Dataset,
  { range = [0, 1], fill, seed = 0 }: PixelOptions,
  change: (picture: Picture, draw: () => number) => void,
): Dataset {
  const dims = pictureDims(by, dataset) as Picture["dims"];
  const [black, white] = arrayOf(`${by}: range`, range) as readonly [number, number];
  numberIn(`${by}: black`, black);
  numberIn(`${by}: white`, white, { above: black });
  if (fill !== undefined) numberIn(`${by}: fill`, fill, { from: black, to: white });
  numberIn(`${by}: seed`, seed, { whole: true });
  const room = new Float32Array(elementCount(dims));
  const share = (value: number): number => (value - black) / (white - black);
  return changed(dataset, seed, (data, draw) => {
    for (let i = 0; i < data.length; i++) data[i] = Math.min(1, Math.max(0, share(data[i] as number)));
    change({ data, room, dims, fill: fill === undefined ? 0 : share(fill) }, draw);
    for (let i = 0; i < data.length; i++) data[i] = black + (data[i] as number) * (white - black);
  });
}

function operate(picture: Picture, operation: PixelOperation, magnitude: number, draw: () => number): void {
  const sign = draw() < 0.5 ? -1 : 1;
  PIXEL_OPERATIONS[operation](picture, (sign * magnitude) / STRONGEST, draw);
}

const oneDrawn = <T>(list: readonly T[], draw: () => number): T =>
  list[Math.floor(draw() * list.length)] as T;

/** What AutoAugment found for ImageNet (table 9 of its paper). */
export const imagenetPolicy: Policy = [
  [
    ["posterize", 0.4, 8],
    ["rotate", 0.6, 9],
  ],
  [
    ["solarize", 0.6, 5],
    ["autoContrast", 0.6],
  ],
  [
    ["equalize", 0.8],
    ["equalize", 0.6],
  ],
  [
    ["posterize", 0.6, 7],
    ["posterize", 0.6, 6],
  ],
  [
    ["equalize", 0.4],
    ["solarize", 0.2, 4],
  ],
  [
    ["equalize", 0.4],
    ["rotate", 0.8, 8],
  ],
  [
    ["solarize", 0.6, 3],
    ["equalize", 0.6],
  ],
  [
    ["posterize", 0.8, 5],
    ["equalize", 1],
  ],
  [
    ["rotate", 0.2, 3],
    ["solarize", 0.6, 8],
  ],
  [
    ["equalize", 0.6],
    ["posterize", 0.4, 6],
  ],
  [
    ["rotate", 0.8, 8],
    ["color", 0.4, 0],
  ],
  [
    ["rotate", 0.4, 9],
    ["equalize", 0.6],
  ],
  [["equalize", 0.8]],
  [
    ["invert", 0.6],
    ["equalize", 1],
  ],
  [
    ["color", 0.6, 4],
    ["contrast", 1, 8],
  ],
  [
    ["rotate", 0.8, 8],
    ["color", 1, 2],
  ],
  [
    ["color", 0.8, 8],
    ["solarize", 0.8, 7],
  ],
  [
    ["sharpness", 0.4, 7],
    ["invert", 0.6],
  ],
  [
    ["shearX", 0.6, 5],
    ["equalize", 1],
  ],
  [
    ["color", 0.4, 0],
    ["equalize", 0.6],
  ],
  [
    ["equalize", 0.4],
    ["solarize", 0.2, 4],
  ],
  [
    ["solarize", 0.6, 5],
    ["autoContrast", 0.6],
  ],
  [
    ["invert", 0.6],
    ["equalize", 1],
  ],
  [
    ["color", 0.6, 4],
    ["contrast", 1, 8],
  ],
  [
    ["equalize", 0.8],
    ["equalize", 0.6],
  ],
];
