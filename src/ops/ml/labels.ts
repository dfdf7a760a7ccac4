import type { DType } from "../../dtype.ts";
import type { TensorData } from "../../tensor.ts";
import type { Failing } from "../shared/axes.ts";
import { toNumbers } from "../shared/elements.ts";

/** Class labels as the ai.onnx.ml classifiers hold them: strings, or integers. */
export interface Labels {
  readonly dtype: DType & ("string" | "int64");
  readonly values: readonly (string | number)[];
}

/** The labels that a classifier's attributes name. */
export const labelsOf = (
  strings: readonly string[] | undefined,
  ints: readonly number[] | undefined,
): Labels =>
  strings?.length ? { dtype: "string", values: strings } : { dtype: "int64", values: ints ?? [] };

/** A tensor of labels. */
export const labelTensor = (labels: Labels, picked: readonly (string | number)[]): TensorData =>
  labels.dtype === "string"
    ? { dtype: "string", dims: [picked.length], data: picked.map(String) }
    : { dtype: "int64", dims: [picked.length], data: BigInt64Array.from(picked, (label) => BigInt(label)) };

/** The rows of a matrix (or of a vector: one row) as plain numbers. */
export function featureRows(context: Failing, x: TensorData): number[][] {
  if (x.dims.length !== 1 && x.dims.length !== 2)
    context.fail(`the input must be [features] or [batch, features], got [${x.dims}]`);
  const [rows, columns] = x.dims.length === 1 ? [1, x.dims[0] as number] : (x.dims as [number, number]);
  const values = toNumbers(x);
  return Array.from({ length: rows }, (_, row) =>
    Array.from(values.subarray(row * columns, (row + 1) * columns)),
  );
}

/** Rows of numbers as a float32 matrix. */
export function matrixOf(rows: readonly (readonly number[])[], columns: number): TensorData {
  const data = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    data.set(row, i * columns);
  });
  return { dtype: "float32", dims: [rows.length, columns], data };
}

/** The index of the first greatest of the values. */
export const argMaxOf = (values: readonly number[]): number =>
  values.reduce((best, value, i) => (value > (values[best] as number) ? i : best), 0);
