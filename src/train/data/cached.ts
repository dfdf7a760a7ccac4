import { MemoryError } from "../../errors.ts";
import { elementCount } from "../../tensor.ts";
import { createBatch, type Dataset, fillBatch, fromArrays } from "./dataset.ts";

export interface CacheOptions {
  /** The most bytes that the samples may take; default 2 GiB. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 2 ** 31;
const BATCH = 64;

/** Room for a whole data set, or a MemoryError that says how much it needs, before anything is read. */
export function roomFor(
  name: string,
  length: number,
  dims: readonly number[],
  { maxBytes = MAX_BYTES }: CacheOptions = {},
): Float32Array {
  const bytes = length * elementCount(dims) * Float32Array.BYTES_PER_ELEMENT;
  if (bytes > maxBytes)
    throw new MemoryError(
      bytes,
      `${name}: ${length} samples of [${dims}] need ${Math.ceil(bytes / 1e6)} MB, ${Math.floor(maxBytes / 1e6)} MB are allowed`,
    );
  return new Float32Array(length * elementCount(dims));
}

/** The data set with all its samples in memory, each read once, as in epoch 0. */
export async function inMemory(dataset: Dataset, options: CacheOptions = {}): Promise<Dataset> {
  const { name, length, inputDims, labelDims, classes } = dataset;
  const x = roomFor(name, length, inputDims, options);
  const batch = createBatch(dataset, Math.min(BATCH, length));
  const y = new (classes === undefined ? Float32Array : Int32Array)(length * elementCount(labelDims));
  const [xSize, ySize] = [elementCount(inputDims), elementCount(labelDims)];
  const indices = Uint32Array.from({ length }, (_, i) => i);
  for (let from = 0; from < length; from += BATCH) {
    const count = Math.min(BATCH, length - from);
    const reading = fillBatch(dataset, indices, from, count, 0, batch);
    if (reading !== undefined) await reading;
    x.set(batch.x.subarray(0, count * xSize), from * xSize);
    y.set(batch.y.subarray(0, count * ySize), from * ySize);
  }
  return fromArrays({ name, x, y, inputDims, ...(classes === undefined ? { labelDims } : { classes }) });
}
