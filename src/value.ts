import type { DType } from "./dtype.ts";
import type { TensorData } from "./tensor.ts";

/** What flows along an edge of a graph: mostly tensors. */
export type RuntimeValue = TensorData | SequenceData | OptionalData | MapData;

export interface SequenceData {
  readonly container: "sequence";
  readonly dtype: DType;
  /** Of a sequence that holds maps, even none. */
  readonly held?: "map";
  readonly values: readonly RuntimeValue[];
}

export interface OptionalData {
  readonly container: "optional";
  readonly dtype: DType;
  readonly value: RuntimeValue | undefined;
}

/** What the keys of a map are: strings, or integers as bigints. */
export type MapKeys = "string" | "int64";

/** Keys and their values, which ai.onnx.ml's operators take and give. */
export interface MapData {
  readonly container: "map";
  readonly keys: MapKeys;
  /** Of the values: int64 as bigints, strings as strings, floats as numbers. */
  readonly dtype: DType;
  readonly entries: ReadonlyMap<string | bigint, string | bigint | number>;
}

export const isTensor = (value: RuntimeValue | undefined): value is TensorData =>
  value !== undefined && !("container" in value);
