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
  /** All outputs, where they are known without the definition: it must give them, too. */
  readonly gives?: readonly TensorData[];
}

export type Sampler = (draw: Draw) => Sample;

/** An application worked out by hand. */
export type Example = Sample & Required<Pick<Sample, "gives">>;

/** What an operator is tried on, which is what its kernels are tried on. */
export interface Trials {
  readonly draw: Sampler;
  readonly examples: readonly Example[];
}

/** By what `operators.ts` calls an operator; a sampler alone has no examples. */
export type Samplers = Readonly<Record<string, Sampler | Trials>>;

/** More by hand: LANEWISE_RUNS=500 LANEWISE_SEED=7 node scripts/test.mjs tests/lowering */
const RUNS = Number(process.env["LANEWISE_RUNS"] ?? 25);
const SEED = Number(process.env["LANEWISE_SEED"] ?? 1);

/** The draws that the tests make: whoever goes through them for one operator and one placement meets the same samples. */
export function forAllDraws(visit: (draw: Draw) => void, { runs = RUNS, shrink = true } = {}): void {
  const property = fc.property(fc.gen(), (generate) => visit(drawFrom(generate)));
  fc.assert(property, { numRuns: runs, seed: SEED, endOnFailure: !shrink });
}

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

/** A tensor of float32 in words: dims, and the elements in row-major order. */
export const floats = (dims: readonly number[], ...elements: readonly number[]): TensorData => ({
  dtype: "float32",
  dims,
  data: Float32Array.from(elements),
});

export const longs = (values: readonly number[]): TensorData => ({
  dtype: "int64",
  dims: [values.length],
  data: BigInt64Array.from(values.map(BigInt)),
});

/** Strides, dilations and pads of a window that fits an image. */
export function windowOf(draw: Draw, image: readonly number[], { dilate = true } = {}) {
  const kernelShape = image.map((size) => draw.whole(1, Math.min(size, draw.pick(1, 3, 3, 5))));
  const strides = kernelShape.map(() => draw.pick(1, 1, 2, 3));
  const dilations = kernelShape.map((kernel, i) =>
    dilate && (kernel - 1) * 2 < (image[i] as number) ? draw.pick(1, 1, 2) : 1,
  );
  const pads = [...kernelShape, ...kernelShape].map((kernel) => draw.whole(0, draw.pick(0, kernel - 1)));
  const autoPad = dilations.every((d) => d === 1)
    ? draw.pick("NOTSET", "NOTSET", "SAME_UPPER", "VALID")
    : "NOTSET";
  return { kernelShape, strides, dilations, pads: autoPad === "NOTSET" ? pads : undefined, autoPad };
}
