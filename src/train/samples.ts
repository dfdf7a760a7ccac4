import { UsageError } from "../errors.ts";
import { elementCount, type TensorData } from "../tensor.ts";
import { datasetOf } from "./data/check-dataset.ts";
import type { Batch as DataBatch, Dataset } from "./data/dataset.ts";
import type { TrainingSession } from "./training-session.ts";
import type { Batch } from "./training-types.ts";

/** Throws a UsageError for what is no data set, has no samples, or does not suit the trainer's network and loss. */
export function checkData(by: string, trainer: TrainingSession, given: Dataset): void {
  const data = datasetOf(by, given);
  if (data.length === 0) throw new UsageError(`${data.name} has no samples`);
  if (data.inputDims.join() !== trainer.inputDims.join())
    throw new UsageError(
      `the network takes [${trainer.inputDims}], samples of ${data.name} are [${data.inputDims}]`,
    );
  const labels = trainer.labelsOf(1);
  const own = data.classes === undefined ? "float32" : "int32";
  if (labels.dtype !== own || labels.dims.slice(1).join() !== data.labelDims.join()) {
    const kinds: Readonly<Record<string, string>> = { int32: "classes", float32: "numbers" };
    const form = (dtype: string, dims: readonly number[]): string =>
      `${kinds[dtype] ?? dtype}${dims.length === 0 ? "" : ` [${dims}]`}`;
    throw new UsageError(
      `the loss takes ${form(labels.dtype, labels.dims.slice(1))} as labels, ${data.name} has ${form(own, data.labelDims)}`,
    );
  }
  if (labels.classes !== undefined && data.classes !== undefined && data.classes > labels.classes)
    throw new UsageError(
      `${data.name} has ${data.classes} classes, the network tells ${labels.classes} apart`,
    );
}

/** A batch as tensors over the same memory. */
export function tensorsOf({ inputDims, labelDims }: Dataset, { x, y, count }: DataBatch): Batch {
  const view = <T extends "float32" | "int32">(
    dtype: T,
    dims: readonly number[],
    values: Float32Array | Int32Array,
  ): TensorData => ({
    dtype,
    dims: [count, ...dims],
    data: values.subarray(0, count * elementCount(dims)) as never,
  });
  return {
    x: view("float32", inputDims, x),
    labels: view(y instanceof Int32Array ? "int32" : "float32", labelDims, y),
  };
}
