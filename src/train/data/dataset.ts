import { booleanOf, COUNT, functionOf, listOf, numberIn, objectOf } from "../../arguments.ts";
import { elementCount } from "../../tensor.ts";
import type { Pace } from "../pace.ts";
import { checkShape, datasetOf } from "./check-dataset.ts";
import { DataError } from "./data-error.ts";
import { roomOf } from "./room.ts";
import { shuffledIndices } from "./shuffle.ts";

/** Where samples are read to; made once and filled again for every batch. */
export interface Batch {
  /** Inputs, one sample after another. */
  readonly x: Float32Array;
  /** Class indices where the data set has `classes`, else target values. */
  readonly y: Int32Array | Float32Array;
  /** How many samples lie there now; what follows them is left over from earlier. */
  count: number;
}

/** Samples by their index: what a trainer reads. */
export interface Dataset {
  /** Stands in errors. */
  readonly name: string;
  /** How many samples there are. */
  readonly length: number;
  /** Dims of one input, without the batch: [1, 28, 28]. */
  readonly inputDims: readonly number[];
  /** Dims of one label, without the batch: [] where it is a class or a number, [height, width] for a map of them. */
  readonly labelDims: readonly number[];
  /** The number of classes, where labels are class indices or maps of them. */
  readonly classes: number | undefined;
  /**
   * Writes sample `index` to place `slot` of the batch; one that must wait (a file) returns a promise. `epoch` is for
   * what changes from one pass over the data to the next (augmentation); it counts from 0.
   */
  read(index: number, into: Batch, slot: number, epoch: number): void | Promise<void>;
}

/** What `fromArrays` makes a data set of. */
export interface ArraysOptions {
  /** Stands in errors; "arrays" by default. */
  readonly name?: string;
  /** All inputs, one after another; `scale` and `offset` make numbers of bytes: x · scale + offset. */
  readonly x: Float32Array | Uint8Array;
  /** Class indices (with `classes`), or target values. */
  readonly y: ArrayLike<number>;
  /** Dims of one input, without the batch: [1, 28, 28]. */
  readonly inputDims: readonly number[];
  /** Given: labels are class indices from 0 to classes − 1. */
  readonly classes?: number;
  /** Dims of one label, [] by default: one number or class a sample. */
  readonly labelDims?: readonly number[];
  /** What each input is multiplied by; 1 by default. */
  readonly scale?: number;
  /** What is added to it then; 0 by default. */
  readonly offset?: number;
}

/**
 * A data set over arrays, which it keeps and does not copy. Throws a DataError where lengths disagree or a label is
 * not one of the classes.
 */
export function fromArrays(options: ArraysOptions): Dataset {
  const {
    name = "arrays",
    x,
    y,
    inputDims,
    classes,
    labelDims = [],
    scale = 1,
    offset = 0,
  } = objectOf("fromArrays: the options", options);
  checkShape("fromArrays", { name, length: 0, inputDims, labelDims, classes });
  listOf("fromArrays: x", x);
  listOf("fromArrays: y", y);
  numberIn("fromArrays: scale", scale);
  numberIn("fromArrays: offset", offset);
  const [xSize, ySize] = [elementCount(inputDims), elementCount(labelDims)];
  const length = x.length / xSize;
  if (!Number.isInteger(length))
    throw new DataError(name, `${x.length} input elements are not whole samples of ${xSize}`);
  if (y.length !== length * ySize)
    throw new DataError(name, `${length} inputs need ${length * ySize} label elements, got ${y.length}`);
  if (classes !== undefined)
    for (let i = 0; i < y.length; i++) checkClass(name, y[i] as number, classes, Math.floor(i / ySize));
  return {
    name,
    length,
    inputDims,
    labelDims,
    classes,
    read(index, into, slot) {
      const from = index * xSize;
      const to = slot * xSize;
      for (let i = 0; i < xSize; i++) into.x[to + i] = (x[from + i] as number) * scale + offset;
      for (let i = 0; i < ySize; i++) into.y[slot * ySize + i] = y[index * ySize + i] as number;
    },
  };
}

/** One input and its class index or target values. */
export interface Sample {
  /** The input, as many numbers as `inputDims` say. */
  readonly x: ArrayLike<number>;
  /** Its class, or what it is to give. */
  readonly y: number | ArrayLike<number>;
}

/** What `fromGenerator` makes a data set of. */
export interface GeneratorOptions {
  /** Stands in errors; "generator" by default. */
  readonly name?: string;
  /** How many samples there are. */
  readonly length: number;
  /** Dims of one input, without the batch. */
  readonly inputDims: readonly number[];
  /** Given: labels are class indices from 0 to classes − 1. */
  readonly classes?: number;
  /** Dims of one label, [] by default: one number or class a sample. */
  readonly labelDims?: readonly number[];
  /** Makes sample `index`; one that follows from index and epoch alone makes training repeatable. */
  readonly sample: (index: number, epoch: number) => Sample | Promise<Sample>;
}

/** A data set whose samples are made when they are read. Samples of the wrong size throw a DataError then. */
export function fromGenerator(options: GeneratorOptions): Dataset {
  const {
    name = "generator",
    length,
    inputDims,
    classes,
    labelDims = [],
    sample,
  } = objectOf("fromGenerator: the options", options);
  checkShape("fromGenerator", { name, length, inputDims, labelDims, classes });
  functionOf("fromGenerator: sample", sample);
  const [xSize, ySize] = [elementCount(inputDims), elementCount(labelDims)];
  const put = (made: Sample, index: number, into: Batch, slot: number): void => {
    const { x, y } = made ?? {};
    if (x?.length !== xSize)
      throw new DataError(name, `sample ${index} has ${x?.length ?? "no"} elements, expected ${xSize}`);
    const labels = typeof y === "number" ? [y] : y;
    if (labels?.length !== ySize)
      throw new DataError(
        name,
        `sample ${index} has ${labels?.length ?? "no"} label elements, expected ${ySize}`,
      );
    if (classes !== undefined)
      for (const label of Array.from(labels)) checkClass(name, label, classes, index);
    into.x.set(x, slot * xSize);
    into.y.set(labels, slot * ySize);
  };
  return {
    name,
    length,
    inputDims,
    labelDims,
    classes,
    read(index, into, slot, epoch) {
      const made = sample(index, epoch);
      if (made instanceof Promise) return made.then((ready) => put(ready, index, into, slot));
      put(made, index, into, slot);
    },
  };
}

/** Room for `size` samples of a data set. */
export function createBatch(dataset: Dataset, size: number): Batch {
  const { name, inputDims, labelDims, classes } = dataset;
  const labels = size * elementCount(labelDims);
  const what = `a batch of ${size} samples of ${name}`;
  return {
    x: roomOf(what, Float32Array, size * elementCount(inputDims)),
    y: roomOf<Float32Array | Int32Array>(what, classes === undefined ? Float32Array : Int32Array, labels),
    count: 0,
  };
}

/** Which sample has a place in the order of a pass over the data. */
export type Order = (place: number) => number;

export const asTheyLie: Order = (place) => place;

/**
 * Reads the samples at the places `from` to `from + count − 1` of the order into the batch; at once where none must wait.
 * Throws a DataError for an input or target that is not finite and for a label that is not one of the classes, and what
 * the pace throws, which gives the event loop its turns.
 */
export function fillBatch(
  dataset: Dataset,
  order: Order,
  from: number,
  count: number,
  epoch: number,
  batch: Batch,
  pace?: Pace,
): void | Promise<void> {
  const waiting: Promise<void>[] = [];
  let slot = 0;
  const readOn = (): void | Promise<void> => {
    while (slot < count) {
      const done = dataset.read(order(from + slot), batch, slot, epoch);
      slot++;
      // An arrow function may give the number that it has assigned.
      if (typeof done?.then === "function") {
        // Where another one is not waited for any more, nobody is left to hear that this one failed.
        done.then(undefined, () => {});
        waiting.push(done);
      }
      if (pace?.due()) return pace.turn().then(readOn);
    }
    batch.count = count;
    if (waiting.length === 0) return checkBatch(dataset, order, from, batch);
    const all = Promise.all(waiting);
    return (pace?.during(all) ?? all).then(() => checkBatch(dataset, order, from, batch));
  };
  return readOn();
}

function checkBatch(dataset: Dataset, order: Order, from: number, batch: Batch): void {
  const at = (i: number, size: number): number => order(from + Math.floor(i / size));
  const check = (what: string, values: ArrayLike<number>, size: number): void => {
    const end = batch.count * size;
    // 0 · x is 0 for a finite x and NaN for every other.
    let zero = 0;
    for (let i = 0; i < end; i++) zero += 0 * (values[i] as number);
    if (zero === 0) return;
    for (let i = 0; i < end; i++)
      if (!Number.isFinite(values[i]))
        throw new DataError(dataset.name, `the ${what} of sample ${at(i, size)} holds ${values[i]}`);
  };
  check("input", batch.x, elementCount(dataset.inputDims));
  if (dataset.classes === undefined) check("target", batch.y, elementCount(dataset.labelDims));
  else {
    const size = elementCount(dataset.labelDims);
    for (let i = 0; i < batch.count * size; i++)
      checkClass(dataset.name, batch.y[i] as number, dataset.classes, at(i, size));
  }
}

/** How `batches` goes over a data set. */
export interface BatchesOptions {
  /** Samples a batch; the last one may have fewer. */
  readonly batchSize: number;
  /** In another order each epoch, which follows from the seed; without it, in the order of the data. */
  readonly seed?: number;
  /** Which pass over the data this is, from 0, the default. */
  readonly epoch?: number;
  /** Leaves out a last batch that would not be full. */
  readonly dropLast?: boolean;
}

/** One pass over the data set in batches. It is the same Batch every time, filled anew: use it before the next. */
export async function* batches(dataset: Dataset, options: BatchesOptions): AsyncGenerator<Batch> {
  datasetOf("batches", dataset);
  const { batchSize, seed, epoch = 0, dropLast = false } = objectOf("batches: the options", options);
  numberIn("batches: batchSize", batchSize, COUNT);
  numberIn("batches: epoch", epoch, { whole: true });
  if (seed !== undefined) numberIn("batches: seed", seed, { whole: true });
  booleanOf("batches: dropLast", dropLast);
  const indices = seed === undefined ? undefined : shuffledIndices(dataset.length, seed, epoch);
  const order: Order = indices === undefined ? asTheyLie : (place) => indices[place] as number;
  const batch = createBatch(dataset, Math.min(batchSize, dataset.length));
  for (let from = 0; from < dataset.length; from += batchSize) {
    const count = Math.min(batchSize, dataset.length - from);
    if (dropLast && count < batchSize) return;
    const done = fillBatch(dataset, order, from, count, epoch, batch);
    if (done !== undefined) await done;
    yield batch;
  }
}

function checkClass(name: string, label: number, classes: number, index: number): void {
  if (!Number.isInteger(label) || label < 0 || label >= classes)
    throw new DataError(name, `the label of sample ${index} is ${label}, expected 0 to ${classes - 1}`);
}
