import { UsageError } from "../../errors.ts";
import type { Dataset } from "./dataset.ts";
import { shuffledIndices } from "./shuffle.ts";

/** The samples from `from` up to and without `to`. */
export function subset(dataset: Dataset, from: number, to: number): Dataset {
  const whole = Number.isSafeInteger(from) && Number.isSafeInteger(to);
  if (!whole || from < 0 || to < from || to > dataset.length)
    throw new UsageError(`${dataset.name} has ${dataset.length} samples; there is no part ${from} to ${to}`);
  return {
    ...dataset,
    length: to - from,
    read: (index, into, slot, epoch) => dataset.read(from + index, into, slot, epoch),
  };
}

/** The samples with these indices, in this order. */
export const pick = (dataset: Dataset, indices: Uint32Array): Dataset => ({
  ...dataset,
  length: indices.length,
  read: (index, into, slot, epoch) => dataset.read(indices[index] as number, into, slot, epoch),
});

/**
 * Two data sets that share no sample and together have all: the first has `fraction` of them (rounded), drawn as the
 * seed says.
 */
export function split(dataset: Dataset, fraction: number, seed: number): [Dataset, Dataset] {
  if (!(fraction >= 0 && fraction <= 1)) throw new UsageError(`fraction must be 0 to 1, got ${fraction}`);
  // Epoch −1: no pass over the data has this order.
  const order = shuffledIndices(dataset.length, seed, -1);
  const count = Math.round(dataset.length * fraction);
  return [pick(dataset, order.subarray(0, count)), pick(dataset, order.subarray(count))];
}
