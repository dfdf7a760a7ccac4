import { numberIn, shown } from "../../arguments.ts";
import { UsageError } from "../../errors.ts";
import { datasetOf } from "./check-dataset.ts";
import type { Dataset } from "./dataset.ts";
import { shuffledIndices } from "./shuffle.ts";

/** The samples from `from` up to and without `to`. */
export function subset(dataset: Dataset, from: number, to: number): Dataset {
  datasetOf("subset", dataset);
  const whole = Number.isSafeInteger(from) && Number.isSafeInteger(to);
  if (!whole || from < 0 || to < from || to > dataset.length)
    throw new UsageError(`${dataset.name} has ${dataset.length} samples; there is no part ${from} to ${to}`);
  return {
    ...dataset,
    length: to - from,
    read: (index, into, slot, epoch) => dataset.read(from + index, into, slot, epoch),
  };
}

/** The samples with these indices, in this order. Throws a UsageError for an index of no sample. */
export function pick(dataset: Dataset, indices: Uint32Array): Dataset {
  datasetOf("pick", dataset);
  if (!(indices instanceof Uint32Array))
    throw new UsageError(`pick: indices must be a Uint32Array, got ${shown(indices)}`);
  const beyond = indices.findIndex((index) => index >= dataset.length);
  if (beyond >= 0)
    throw new UsageError(
      `${dataset.name} has ${dataset.length} samples; there is no sample ${indices[beyond]} to pick`,
    );
  return {
    ...dataset,
    length: indices.length,
    read: (index, into, slot, epoch) => dataset.read(indices[index] as number, into, slot, epoch),
  };
}

/**
 * Two data sets that share no sample and together have all: the first has `fraction` of them (rounded), drawn as the
 * seed says.
 */
export function split(dataset: Dataset, fraction: number, seed: number): [Dataset, Dataset] {
  datasetOf("split", dataset);
  numberIn("split: fraction", fraction, { from: 0, to: 1 });
  numberIn("split: seed", seed, { whole: true });
  // Epoch −1: no pass over the data has this order.
  const order = shuffledIndices(dataset.length, seed, -1);
  const count = Math.round(dataset.length * fraction);
  return [pick(dataset, order.subarray(0, count)), pick(dataset, order.subarray(count))];
}
