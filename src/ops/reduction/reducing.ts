import type { DType } from "../../dtype.ts";
import { createData, isFloat } from "../../dtype.ts";
import { normalizeAxis, rowMajorStrides } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { stridedOffsets } from "../movement/strided.ts";
import { fromNumbers, like, type Numbers, toNumbers } from "../shared/elements.ts";
import { isWideInteger } from "../shared/wide-integers.ts";

/** How a set of elements becomes one; an empty set gives the value that the ONNX text names. */
export interface Reducer {
  /** Over the elements at `base + offsets[i]`. */
  numbers(x: Numbers, base: number, offsets: Int32Array): number;
  /** The same for 64-bit integers, exactly; without it they pass through doubles. */
  bigInts?(x: BigInt64Array | BigUint64Array, base: number, offsets: Int32Array): bigint;
  /** What an empty set of integers gives (floats ask `numbers`). */
  readonly emptyInteger?: "least" | "most";
}

export type ReductionKind =
  | "sum"
  | "mean"
  | "max"
  | "min"
  | "prod"
  | "l1"
  | "l2"
  | "sumSquare"
  | "logSum"
  | "logSumExp";

type Failing = { fail(message: string): never };

/** Negative axes counted from the end, sorted; repeated ones and those out of range fail. */
export function resolveAxes(context: Failing, axes: readonly number[], rank: number): number[] {
  const resolved = axes.map((axis) => {
    if (axis < -rank || axis >= rank) context.fail(`axis ${axis} is out of range for rank ${rank}`);
    return normalizeAxis(axis, rank);
  });
  return [...new Set(resolved)].sort((a, b) => a - b);
}

/** Dims once `axes` are reduced: 1 there, or gone. */
export function reducedDims<D extends Dim>(
  dims: readonly D[],
  axes: readonly number[],
  keepdims: boolean,
): (D | 1)[] {
  if (keepdims) return dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return dims.filter((_, axis) => !axes.includes(axis));
}

/** Where each result's set begins, and the offsets of its elements from there. */
export function reductionOffsets(dims: readonly number[], axes: readonly number[]): [Int32Array, Int32Array] {
  const strides = rowMajorStrides(dims);
  const kept = dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const offsets = (chosen: readonly number[]) =>
    stridedOffsets(
      chosen.map((axis) => dims[axis] as number),
      chosen.map((axis) => strides[axis] as number),
    );
  return [offsets(kept), offsets(axes)];
}

const integerBits: Partial<Record<DType, [number, boolean]>> = {
  int8: [8, true],
  int16: [16, true],
  int32: [32, true],
  int64: [64, true],
  uint8: [8, false],
  uint16: [16, false],
  uint32: [32, false],
  uint64: [64, false],
};

/** The smallest or largest value of an integer dtype (for bool 0 or 1). */
function extreme(dtype: DType, which: "least" | "most"): bigint {
  const [bits, signed] = integerBits[dtype] ?? [1, false];
  const span = 1n << BigInt(signed ? bits - 1 : bits);
  if (which === "most") return span - 1n;
  return signed ? -span : 0n;
}

/** The tensor with `axes` (resolved) reduced. */
export function reduceTensor(
  input: TensorData,
  axes: readonly number[],
  keepdims: boolean,
  reducer: Reducer,
): TensorData {
  const dims = reducedDims(input.dims, axes, keepdims);
  const [starts, offsets] = reductionOffsets(input.dims, axes);
  if (offsets.length === 0 && reducer.emptyInteger !== undefined && !isFloat(input.dtype)) {
    const value = extreme(input.dtype, reducer.emptyInteger);
    const data = createData(input.dtype, elementCount(dims));
    if (isWideInteger(input)) (data as BigInt64Array).fill(value);
    else (data as Int32Array).fill(Number(value));
    return like(input, dims, data);
  }
  if (isWideInteger(input) && reducer.bigInts !== undefined) {
    const data = createData(input.dtype, starts.length);
    for (let i = 0; i < data.length; i++) data[i] = reducer.bigInts(input.data, starts[i] as number, offsets);
    return like(input, dims, data);
  }
  const x = toNumbers(input);
  const results = new Float64Array(starts.length);
  for (let i = 0; i < results.length; i++) results[i] = reducer.numbers(x, starts[i] as number, offsets);
  return fromNumbers(input.dtype, dims, results);
}

type Fold = (sum: number, x: number) => number;
type BigFold = (sum: bigint, x: bigint) => bigint;

const fold =
  (
    step: Fold,
    start: number,
    finish: (sum: number, count: number) => number = (sum) => sum,
  ): Reducer["numbers"] =>
  (x, base, offsets) => {
    let sum = start;
    for (let i = 0; i < offsets.length; i++) sum = step(sum, x[base + (offsets[i] as number)] as number);
    return finish(sum, offsets.length);
  };

const bigFold =
  (step: BigFold, start?: bigint): NonNullable<Reducer["bigInts"]> =>
  (x, base, offsets) => {
    let sum = start ?? (x[base + (offsets[0] as number)] as bigint);
    for (let i = 0; i < offsets.length; i++) sum = step(sum, x[base + (offsets[i] as number)] as bigint);
    return sum;
  };

const larger = (a: bigint, b: bigint): bigint => {
  if (a > b) return a;
  return b;
};
const smaller = (a: bigint, b: bigint): bigint => {
  if (a < b) return a;
  return b;
};
const magnitude = (x: bigint): bigint => (x < 0n ? -x : x);
const add: Fold = (sum, x) => sum + x;
const addSquare: Fold = (sum, x) => sum + x * x;

/** The reductions of ONNX by the name of their kernel code. */
export const reducers: Readonly<Record<ReductionKind, Reducer>> = {
  sum: { numbers: fold(add, 0), bigInts: bigFold((sum, x) => sum + x, 0n) },
  // The text leaves the mean of nothing open; onnxruntime gives 0.
  mean: { numbers: fold(add, 0, (sum, count) => sum / Math.max(count, 1)) },
  max: {
    numbers: fold((most, x) => Math.max(most, x), -Infinity),
    bigInts: bigFold(larger),
    emptyInteger: "least",
  },
  min: {
    numbers: fold((least, x) => Math.min(least, x), Infinity),
    bigInts: bigFold(smaller),
    emptyInteger: "most",
  },
  prod: { numbers: fold((product, x) => product * x, 1), bigInts: bigFold((product, x) => product * x, 1n) },
  l1: {
    numbers: fold((sum, x) => sum + Math.abs(x), 0),
    bigInts: bigFold((sum, x) => sum + magnitude(x), 0n),
  },
  l2: { numbers: fold(addSquare, 0, Math.sqrt) },
  sumSquare: { numbers: fold(addSquare, 0), bigInts: bigFold((sum, x) => sum + x * x, 0n) },
  logSum: { numbers: fold(add, 0, Math.log) },
  logSumExp: {
    numbers(x, base, offsets) {
      const max = reducers.max.numbers(x, base, offsets);
      // Nothing to shift by where the largest is infinite (or the set empty).
      const shift = Number.isFinite(max) ? max : 0;
      let sum = 0;
      for (let i = 0; i < offsets.length; i++)
        sum += Math.exp((x[base + (offsets[i] as number)] as number) - shift);
      return shift + Math.log(sum);
    },
  },
};
