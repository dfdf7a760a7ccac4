import { codecOf } from "../dtype.ts";
import { ShapeError, UsageError } from "../errors.ts";
import type { TensorData } from "../tensor.ts";

/** Numbers as a model gives them (any numeric dtype) or as an array. */
export type Numbers = TensorData | ArrayLike<number>;

/** The numbers of a tensor, narrow floats and int64 made plain; an array comes back itself. */
export function numbersOf(source: Numbers): ArrayLike<number> {
  if (!("dtype" in source)) {
    if (typeof source.length !== "number") throw new UsageError("expected a tensor or an array of numbers");
    return source;
  }
  const { dtype, data } = source;
  if (dtype === "string") throw new UsageError("a string tensor holds no numbers");
  if (dtype === "int64" || dtype === "uint64") return Float64Array.from(data as BigInt64Array, Number);
  const codec = codecOf(dtype);
  return codec === undefined ? (data as Float32Array) : Float64Array.from(data as Uint16Array, codec.decode);
}

/** One row of scores; a tensor may have any dims, but only one of them above 1. */
function scoresOf(source: Numbers): ArrayLike<number> {
  if ("dtype" in source && source.dims.filter((dim) => dim !== 1).length > 1) {
    throw new ShapeError(
      undefined,
      `scores must be one row of numbers, got dims [${source.dims}]: take one row at a time`,
    );
  }
  return numbersOf(source);
}

/** `exp(x) / Σ exp(x)` over all the numbers, computed without overflow. */
export function softmax(logits: Numbers): Float32Array {
  const values = scoresOf(logits);
  let greatest = -Infinity;
  for (let i = 0; i < values.length; i++) greatest = Math.max(greatest, values[i] as number);
  const powers = Float64Array.from(values, (value) => Math.exp(value - greatest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return Float32Array.from(powers, (power) => power / total);
}

export interface Ranked {
  readonly index: number;
  /** Only where labels were given. */
  readonly label?: string;
  readonly score: number;
}

/**
 * The `k` greatest scores, best first; equal ones by index, NaN last. `softmax: true` makes probabilities of logits
 * first. Labels, where given, must be as many as the scores: an off-by-one list (1000 names for 1001 classes) is an
 * error, not a wrong name.
 */
export function topK(
  scores: Numbers,
  k = 5,
  labels?: readonly string[],
  options: { readonly softmax?: boolean } = {},
): Ranked[] {
  const values = options.softmax ? softmax(scores) : scoresOf(scores);
  if (!Number.isInteger(k) || k < 1) throw new UsageError(`k must be a whole number of at least 1, got ${k}`);
  if (labels !== undefined && labels.length !== values.length) {
    throw new UsageError(`${labels.length} labels for ${values.length} scores`);
  }
  const rank = (index: number): number => {
    const score = values[index] as number;
    return Number.isNaN(score) ? -Infinity : score;
  };
  const nan = (index: number): number => Number(Number.isNaN(values[index]));
  const before = (a: number, b: number): number => nan(a) - nan(b) || Math.sign(rank(b) - rank(a)) || a - b;
  const order = Array.from({ length: values.length }, (_, index) => index).sort(before);
  return order.slice(0, k).map((index) => {
    const score = values[index] as number;
    const label = labels?.[index];
    return label === undefined ? { index, score } : { index, label, score };
  });
}
