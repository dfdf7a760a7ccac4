import { COUNT, dimsOf, functionOf, numberIn, objectOf, stringOf } from "../../arguments.ts";

/** What a data set says of its samples. */
interface Shape {
  readonly name: string;
  readonly length: number;
  readonly inputDims: readonly number[];
  readonly labelDims: readonly number[];
  readonly classes?: number | undefined;
}

/** Indices of samples are 32-bit. */
const LENGTH = { from: 0, to: 2 ** 32 - 1, whole: true };

/** Throws a UsageError for names and sizes that are none. */
export function checkShape(by: string, { name, length, inputDims, labelDims, classes }: Shape): void {
  stringOf(`${by}: name`, name);
  numberIn(`${by}: length`, length, LENGTH);
  dimsOf(`${by}: inputDims`, inputDims);
  dimsOf(`${by}: labelDims`, labelDims);
  if (classes !== undefined) numberIn(`${by}: classes`, classes, COUNT);
}

/** A data set; a UsageError for anything else. `by` names who takes it. */
export function datasetOf<T extends Shape & { readonly read: unknown }>(by: string, dataset: T): T {
  objectOf(`${by}: the data set`, dataset, "a data set");
  checkShape(`${by}: the data set`, dataset);
  functionOf(`${by}: the data set's read`, dataset.read);
  return dataset;
}
