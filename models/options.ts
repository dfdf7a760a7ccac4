import { UsageError } from "../src/errors.ts";
import type { Network } from "../src/nn/index.ts";

/** What every network of the zoo takes. */
export interface ModelOptions {
  /** Outputs of the classifier; as published by default. */
  readonly classes?: number;
  /** Rows, and as many columns, of the picture; as published by default. */
  readonly size?: number;
  /** Share of the channels of every layer; 1 by default. Less makes a small network of the same wiring, to be tried out. */
  readonly width?: number;
  /** Weights follow from it; 0 by default. */
  readonly seed?: number;
  /** "counted" makes no weights, so that any network can be counted and planned; "made" by default. */
  readonly weights?: "made" | "counted";
}

/** A count of parameters that somebody gives for a network. */
export interface Published {
  /** Parameters that training changes: weights, biases, gains; not running statistics. */
  readonly parameters: number;
  /** Whose count it is: an implementation by name and version, a paper by its table. */
  readonly source: string;
  /** How it compares: to the last one, or as far as its digits say ("86.7M"). "otherwise": it is another network by that name. */
  readonly precision: "exact" | "rounded" | "otherwise";
}

/** A network of the zoo. */
export interface ZooModel {
  /** What `lanewise models` calls it, such as "resnet50". */
  readonly name: string;
  /** Networks of one family are wired by the same rules; one of each is tried on every change. */
  readonly family: string;
  /** The paper's authors, year and address. */
  readonly paper: string;
  /** Counts to compare with; the first is the one that it must have. */
  readonly published: readonly [Published, ...Published[]];
  /** Makes the network. */
  readonly build: (options?: ModelOptions) => Network;
}

/** `channels` at a width, in whole multiples of `of`, which they are at width 1; at least one multiple. */
export const scaled = (channels: number, width = 1, of = 1): number =>
  width === 1 ? channels : Math.max(of, Math.round((channels * width) / of) * of);

/**
 * `channels` as the nearest multiple of `of` that is at least nine tenths of them (`_make_divisible` of the authors of
 * MobileNet, and of torchvision).
 */
export function divisible(channels: number, of: number): number {
  const nearest = Math.max(of, Math.floor((channels + of / 2) / of) * of);
  return nearest < 0.9 * channels ? nearest + of : nearest;
}

/** What is left of the options for a network that has one size, that of its paper; a UsageError where another is asked for. */
export function asPublished(
  name: string,
  { classes, size, width, ...options }: ModelOptions,
): Pick<ModelOptions, "seed" | "weights"> {
  for (const [what, given] of Object.entries({ classes, size, width }))
    if (given !== undefined) throw new UsageError(`${name} is made as published, without ${what}`);
  return options;
}
