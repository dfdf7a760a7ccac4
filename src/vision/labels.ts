import { arrayOf, COUNT, numberIn, numbersIn, objectOf } from "../arguments.ts";
import { codecOf } from "../dtype.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { type TensorData, tensorOf } from "../tensor.ts";

/** Numbers as a model gives them (any numeric dtype) or as an array. */
export type Numbers = TensorData | ArrayLike<number>;

const isTensor = (source: Numbers): source is TensorData =>
  typeof source === "object" && source !== null && "dtype" in source;

/** The numbers of a tensor, narrow floats and int64 made plain; an array comes back itself. */
export function numbersOf(source: Numbers): ArrayLike<number> {
  if (!isTensor(source)) return numbersIn("what is no tensor", source);
  const { dtype, data } = tensorOf("the tensor", source);
  if (dtype === "string") throw new UsageError("a string tensor holds no numbers");
  if (dtype === "int64" || dtype === "uint64") return Float64Array.from(data as BigInt64Array, Number);
  const codec = codecOf(dtype);
  return codec === undefined ? (data as Float32Array) : Float64Array.from(data as Uint16Array, codec.decode);
}

/** One row of scores; a tensor may have any dims, but only one of them above 1. */
function scoresOf(source: Numbers): ArrayLike<number> {
  if (isTensor(source) && tensorOf("the scores", source).dims.filter((dim) => dim !== 1).length > 1) {
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
  const powers = new Float64Array(values.length);
  for (let i = 0; i < powers.length; i++) powers[i] = Math.exp((values[i] as number) - greatest);
  const total = powers.reduce((sum, power) => sum + power, 0);
  return Float32Array.from(powers, (power) => power / total);
}

/** A class by its place in the scores. */
export interface Ranked {
  /** The class's index. */
  readonly index: number;
  /** Only where labels were given. */
  readonly label?: string;
  /** Its score, as the model gave it or `softmax` made it. */
  readonly score: number;
}

/**
 * The `k` greatest scores, best first; equal ones by index, NaN last. `softmax: true` makes probabilities of logits
 * first. Labels, where given, must be as many as the scores: an off-by-one list (1000 names for 1001 classes) is an
 * error, not a wrong name.
 *
 * @param options.softmax - Whether to make probabilities first; false by default.
 * @param labels - The classes' names, by index.
 */
export function topK(
  scores: Numbers,
  k = 5,
  labels?: readonly string[],
  options: { readonly softmax?: boolean } = {},
): Ranked[] {
  const values = objectOf("topK: the options", options).softmax ? softmax(scores) : scoresOf(scores);
  numberIn("k", k, COUNT);
  if (labels !== undefined && arrayOf("labels", labels).length !== values.length) {
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
