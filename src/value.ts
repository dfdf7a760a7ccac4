import type { DType } from "./dtype.ts";
import type { TensorData } from "./tensor.ts";

/** What flows along an edge of a graph: mostly tensors. */
export type RuntimeValue = TensorData | SequenceData | OptionalData;

export interface SequenceData {
  readonly container: "sequence";
  readonly dtype: DType;
  readonly values: readonly RuntimeValue[];
}

export interface OptionalData {
  readonly container: "optional";
  readonly dtype: DType;
  readonly value: RuntimeValue | undefined;
}

export const isTensor = (value: RuntimeValue | undefined): value is TensorData =>
  value !== undefined && !("container" in value);
