import { UsageError } from "../../errors.ts";
import { keyOf, uniformAt } from "../../ops/random/counter-random.ts";
import { elementCount } from "../../tensor.ts";
import { datasetOf } from "./check-dataset.ts";
import type { Batch, Dataset } from "./dataset.ts";

/** Numbers in [0, 1), one after the other. */
export function drawsUnder(key: number): () => number {
  let position = 0;
  return () => uniformAt(key, position++);
}

/** The dims of a data set's pictures; a UsageError where its samples are none. */
export function pictureDims(by: string, dataset: Dataset): readonly number[] {
  const { name, inputDims } = datasetOf(by, dataset);
  if (inputDims.length !== 3)
    throw new UsageError(`augmentation needs pictures [C, height, width], ${name} has [${inputDims}]`);
  return inputDims;
}

/**
 * A data set whose inputs are changed in their places once they are read; what is drawn for a sample follows from the seed, the
 * epoch and the sample's number alone.
 */
export function changed(
  dataset: Dataset,
  seed: number,
  change: (input: Float32Array, draw: () => number) => void,
): Dataset {
  const size = elementCount(dataset.inputDims);
  const changePlace = (into: Batch, slot: number, index: number, epoch: number): void =>
    change(into.x.subarray(slot * size, (slot + 1) * size), drawsUnder(keyOf(seed, epoch, index)));
  return {
    ...dataset,
    read(index, into, slot, epoch) {
      const done = dataset.read(index, into, slot, epoch);
      if (done !== undefined) return done.then(() => changePlace(into, slot, index, epoch));
      changePlace(into, slot, index, epoch);
    },
  };
}
