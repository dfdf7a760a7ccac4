import fc from "fast-check";
import type { DType } from "../../src/dtype.ts";
import type { AttributeValue } from "../../src/graph/graph.ts";
import type { TensorData } from "../../src/tensor.ts";
import { random } from "../support/random.ts";

/** Draws that fast-check can shrink. */
export interface Draw {
  whole(low: number, high: number): number;
  pick<T>(...list: readonly T[]): T;
  maybe(): boolean;
  tensor(dims: readonly number[], low?: number, high?: number, dtype?: DType): TensorData;
}

export function drawFrom(generate: fc.GeneratorValue): Draw {
  const whole = (min: number, max: number): number => generate(fc.integer, { min, max });
  return {
    whole,
    pick: (...list) => generate(fc.constantFrom, ...(list as never[])) as never,
    maybe: () => generate(fc.boolean),
    tensor: (dims, low = -2, high = 2, dtype = "float32") =>
      random(whole(0, 1 << 20)).tensor(dtype, dims, low, high),
  };
}

/** One application of an operator. */
export interface Sample {
  readonly inputs: readonly (TensorData | undefined)[];
  /** Inputs known while planning; the others are fed. */
  readonly constants?: readonly number[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly opset?: number;
  readonly outputs?: number;
  /** Relative to the largest magnitude expected. */
  readonly tolerance?: number;
}

export type Sampler = (draw: Draw) => Sample;

/** Dims of an image of one or two spatial axes. */
export const imageDims = (
  draw: Draw,
  channels = draw.pick(1, 2, 3, 4, 5, 7, 8, 13, 16, 17, 33),
): number[] => [
  draw.pick(1, 1, 2),
  channels,
  ...(draw.pick(1, 2, 2, 2) === 1 ? [draw.whole(1, 19)] : [draw.whole(1, 9), draw.whole(1, 11)]),
];

/** Dims of any rank. */
export const anyDims = (draw: Draw): number[] =>
  draw.maybe() ? imageDims(draw) : Array.from({ length: draw.whole(0, 5) }, () => draw.pick(1, 2, 3, 5, 8));

/** Dims that broadcast to others. */
export function narrowed(draw: Draw, dims: readonly number[]): number[] {
  const kept = dims.map((dim) => draw.pick(dim, dim, 1));
  return draw.maybe() ? kept : kept.slice(draw.whole(0, dims.length));
}

export const vector = (draw: Draw, length: number, low = -1, high = 1): TensorData =>
  draw.tensor([length], low, high);

export const scalar = (value: number, dtype: "float32" | "int8" | "uint8" = "float32"): TensorData => {
  const tensor = random(0).tensor(dtype, []);
  (tensor.data as Float32Array)[0] = value;
  return tensor;
};

export const longs = (values: readonly number[]): TensorData => ({
  dtype: "int64",
  dims: [values.length],
  data: BigInt64Array.from(values.map(BigInt)),
});
