/** What the Inception networks are made of: branches side by side, each of convolutions one behind the other. */
import { averagePool2d, chain, concat, type Layer, maxPool2d, type Pair } from "../src/nn/index.ts";
import { convNorm } from "./blocks.ts";
import { scaled } from "./options.ts";

/** A piece of a network, which learns its name and the network's width where it is put. */
export type Part = (name: string, width: number | undefined) => Layer;

/** Parts by their names. */
export type Parts = Readonly<Record<string, Part>>;

/** All three networks add 0.001 to the variance. */
const EPSILON = 1e-3;

/** Convolution, normalisation and ReLU, as large as what comes in; a kernel of [1, 7] is one row. */
export const same =
  (filters: number, kernelSize: Pair): Part =>
  (name, width) =>
    convNorm({ name, filters: scaled(filters, width), kernelSize, padding: "same", epsilon: EPSILON });

/** The same without padding: what halves the image has none either. */
export const valid =
  (filters: number, kernelSize: Pair, stride = 1): Part =>
  (name, width) =>
    convNorm({ name, filters: scaled(filters, width), kernelSize, stride, epsilon: EPSILON });

/** Halves the image, without padding. */
export const maxPool: Part = (name) => maxPool2d({ name, kernelSize: 3, stride: 2 });

/** The mean of each pixel's surroundings; whether the zeros around the image count is where the implementations differ. */
export const meanPool =
  (countPadding: boolean): Part =>
  (name) =>
    averagePool2d({ name, kernelSize: 3, stride: 1, padding: 1, countPadding });

/** One behind the other; their names are numbers. */
export const steps =
  (...parts: readonly Part[]): Part =>
  (name, width) =>
    chain(parts.map((part, i) => part(`${name}.${i + 1}`, width)));

/** Side by side, joined along the channels in the order listed. */
export const sideBySide =
  (branches: Parts): Part =>
  (name, width) =>
  (x) =>
    concat(
      Object.entries(branches).map(([branch, part]) => part(`${name}.${branch}`, width)(x)),
      { name },
    );

/** The parts of a whole network, under the names that they have. */
export const stacked = (parts: Parts, width: number | undefined): Layer =>
  chain(Object.entries(parts).map(([name, part]) => part(name, width)));

/** As many of a part as `letters` has, called `prefix` and the letter: mixed6b, mixed6c, … */
export const repeated = (prefix: string, letters: string, part: Part): Parts =>
  Object.fromEntries(Array.from(letters, (letter) => [`${prefix}${letter}`, part]));
