import { numberIn, objectOf } from "../../arguments.ts";
import { MemoryError } from "../../errors.ts";
import { elementCount } from "../../tensor.ts";
import { paceOf } from "../pace.ts";
import { datasetOf } from "./check-dataset.ts";
import { asTheyLie, createBatch, type Dataset, fillBatch, fromArrays } from "./dataset.ts";
import { roomOf } from "./room.ts";

/** What bounds reading a data set into memory. */
export interface CacheOptions {
  /** The most bytes that the samples may take; default 2 GiB. */
  readonly maxBytes?: number;
  /** Stops between two samples; what is under way then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which it stops with a TimeoutError. */
  readonly timeoutMs?: number;
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
  if (maxBytes !== Number.POSITIVE_INFINITY) numberIn(`${name}: maxBytes`, maxBytes, { from: 0 });
  const bytes = length * elementCount(dims) * Float32Array.BYTES_PER_ELEMENT;
  if (bytes > maxBytes)
    throw new MemoryError(
      bytes,
      `${name}: ${length} samples of [${dims}] need ${Math.ceil(bytes / 1e6)} MB, ${Math.floor(maxBytes / 1e6)} MB are allowed`,
    );
  return roomOf(name, Float32Array, length * elementCount(dims));
}

/** The data set with all its samples in memory, each read once, as in epoch 0. */
export async function inMemory(dataset: Dataset, options: CacheOptions = {}): Promise<Dataset> {
  const { name, length, inputDims, labelDims, classes } = datasetOf("inMemory", dataset);
  const pace = paceOf("inMemory", objectOf("inMemory: the options", options));
  const x = roomFor(name, length, inputDims, options);
  const batch = createBatch(dataset, Math.min(BATCH, length));
  const labels = length * elementCount(labelDims);
  const y = roomOf<Float32Array | Int32Array>(
    `labels of ${name}`,
    classes === undefined ? Float32Array : Int32Array,
    labels,
  );
  const [xSize, ySize] = [elementCount(inputDims), elementCount(labelDims)];
  for (let from = 0; from < length; from += BATCH) {
    pace.check();
    const count = Math.min(BATCH, length - from);
    const reading = fillBatch(dataset, asTheyLie, from, count, 0, batch, pace);
    if (reading !== undefined) await reading;
    x.set(batch.x.subarray(0, count * xSize), from * xSize);
    y.set(batch.y.subarray(0, count * ySize), from * ySize);
  }
  return fromArrays({ name, x, y, inputDims, labelDims, ...(classes !== undefined && { classes }) });
}
