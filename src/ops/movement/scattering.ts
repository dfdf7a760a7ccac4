import { type AnyData, codecOf, type DType, is64Bit } from "../../dtype.ts";
import { rowMajorStrides } from "../../graph/dims.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import type { Failing } from "../shared/axes.ts";
import { toNumbers } from "../shared/elements.ts";

/** The element offset that each index tuple (the last axis of `indices`) means in data of `dims`. */
export function tupleOffsets(context: Failing, indices: TensorData, dims: readonly number[]): Float64Array {
  const tuple = indices.dims.at(-1) as number;
  const strides = rowMajorStrides(dims);
  const values = toNumbers(indices);
  const offsets = new Float64Array(elementCount(indices.dims.slice(0, -1)));
  for (let i = 0; i < offsets.length; i++) {
    let offset = 0;
    for (let k = 0; k < tuple; k++) {
      const size = dims[k] as number;
      const index = values[i * tuple + k] as number;
      if (index < -size || index >= size)
        context.fail(`index ${index} is out of range for an axis of size ${size}`);
      offset += (index < 0 ? index + size : index) * (strides[k] as number);
    }
    offsets[i] = offset;
  }
  return offsets;
}

export type Reduction = "none" | "add" | "mul" | "max" | "min";

export function reductionOf(context: Failing, reduction: string): Reduction {
  if (["none", "add", "mul", "max", "min"].includes(reduction)) return reduction as Reduction;
  return context.fail(`reduction ${JSON.stringify(reduction)} is not none, add, mul, max or min`);
}

type Combine<T> = (old: T, update: T) => T;

const numbers: Record<Reduction, Combine<number>> = {
  none: (_, update) => update,
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  max: Math.max,
  min: Math.min,
};

const bools: Record<Reduction, Combine<number>> = {
  ...numbers,
  add: (old, update) => old | update,
  mul: (old, update) => old & update,
};

const words: Record<Reduction, Combine<number>> = { ...numbers, mul: Math.imul };

const bigints: Record<Reduction, Combine<bigint>> = {
  none: (_, update) => update,
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  max: (old, update) => (update > old ? update : old),
  min: (old, update) => (update < old ? update : old),
};

/** Writes `update[from]` into `data[at]`, combined with what is there. */
export type Writer = (data: AnyData, at: number, update: AnyData, from: number) => void;

/** How a dtype combines an update with the element it meets. */
export function writerOf(context: Failing, dtype: DType, reduction: Reduction): Writer {
  if (dtype === "string") {
    if (reduction !== "none") return context.fail(`strings take no reduction ${reduction}`);
    return (data, at, update, from) => {
      (data as string[])[at] = (update as string[])[from] as string;
    };
  }
  if (is64Bit(dtype)) {
    const combine = bigints[reduction];
    return (data, at, update, from) => {
      const [target, source] = [data as BigInt64Array, update as BigInt64Array];
      target[at] = combine(target[at] as bigint, source[from] as bigint);
    };
  }
  const codec = codecOf(dtype);
  if (codec !== undefined && reduction !== "none") {
    const combine = numbers[reduction];
    return (data, at, update, from) => {
      const [target, source] = [data as Uint16Array, update as Uint16Array];
      target[at] = codec.encode(
        combine(codec.decode(target[at] as number), codec.decode(source[from] as number)),
      );
    };
  }
  const combine = (dtype === "bool" ? bools : dtype === "int32" || dtype === "uint32" ? words : numbers)[
    reduction
  ];
  return (data, at, update, from) => {
    const [target, source] = [data as Float32Array, update as Float32Array];
    target[at] = combine(target[at] as number, source[from] as number);
  };
}
