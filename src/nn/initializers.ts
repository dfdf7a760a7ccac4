import { arrayOf, functionOf, numberIn, numbersIn, objectOf } from "../arguments.ts";
import { assertFits } from "../memory-limit.ts";
import type { Random } from "../ops/random/generator.ts";
import { elementCount } from "../tensor.ts";
import { fillTruncatedNormal } from "./truncated-normal.ts";

/** What an initialiser knows of the parameter it fills. */
export interface ParameterShape {
  /** The parameter's dims. */
  readonly dims: readonly number[];
  /** Inputs that one unit sums. */
  readonly fanIn: number;
  /** Units that one input reaches. */
  readonly fanOut: number;
}

/**
 * The first values of a parameter, row-major. `random` gives numbers in [0, 1) that follow from the network's seed.
 * Those below use nothing but arithmetic that IEEE 754 fixes, so a seed means the same weights on every machine.
 */
export type Initializer = (shape: ParameterShape, random: Random) => Float32Array;

const WHOLE = { from: 0, whole: true };

/** Room for a parameter; a MemoryError, before anything is taken, for more than wasm could hold. */
function roomFor(shape: ParameterShape): Float32Array {
  const { dims, fanIn, fanOut } = objectOf("an initialiser's shape", shape);
  for (const dim of arrayOf("a parameter's dims", dims)) numberIn("a parameter's dim", dim, WHOLE);
  numberIn("a parameter's fanIn", fanIn, { above: 0 });
  numberIn("a parameter's fanOut", fanOut, { from: 0 });
  const count = elementCount(dims);
  assertFits(`a parameter [${dims}]`, count * Float32Array.BYTES_PER_ELEMENT);
  return new Float32Array(count);
}

/**
 * The same number everywhere.
 *
 * @param value - The number.
 */
export function constant(value: number): Initializer {
  numberIn("constant: value", value);
  return (shape) => roomFor(shape).fill(value);
}

/** 0 everywhere. */
export const zeros = (): Initializer => constant(0);
/** 1 everywhere. */
export const ones = (): Initializer => constant(1);

/**
 * The values given, in row-major order, as they are now.
 *
 * @param data - As many numbers as the parameter has elements; they are copied.
 */
export function values(data: ArrayLike<number>): Initializer {
  const kept = Float32Array.from(numbersIn("values: data", data));
  return () => kept.slice();
}

const uniform =
  (bound: (shape: ParameterShape) => number): Initializer =>
  (shape, random) => {
    const limit = bound(objectOf("an initialiser's shape", shape));
    functionOf("an initialiser's source of numbers", random);
    const data = roomFor(shape);
    for (let i = 0; i < data.length; i++) data[i] = (2 * random() - 1) * limit;
    return data;
  };

const normal =
  (deviation: (shape: ParameterShape) => number): Initializer =>
  (shape, random) => {
    const spread = deviation(objectOf("an initialiser's shape", shape));
    functionOf("an initialiser's source of numbers", random);
    const data = roomFor(shape);
    fillTruncatedNormal(data, spread, random);
    return data;
  };

/**
 * Normal with mean 0, cut off at two deviations; what transformers begin with, at a deviation of 0.02.
 *
 * @param deviation - The standard deviation that is left behind the cut.
 */
export function truncatedNormal(deviation: number): Initializer {
  numberIn("truncatedNormal: deviation", deviation, { from: 0 });
  return normal(() => deviation);
}

/** He et al. 2015 (arXiv:1502.01852): deviation √(2 / fanIn), for rectifiers; cut off at two deviations. */
export const heNormal = (): Initializer => normal(({ fanIn }) => Math.sqrt(2 / fanIn));
/** He et al. 2015: uniform within ±√(6 / fanIn). */
export const heUniform = (): Initializer => uniform(({ fanIn }) => Math.sqrt(6 / fanIn));
/** Glorot and Bengio 2010: deviation √(2 / (fanIn + fanOut)), cut off at two deviations. */
export const glorotNormal = (): Initializer => normal(({ fanIn, fanOut }) => Math.sqrt(2 / (fanIn + fanOut)));
/** Glorot and Bengio 2010: uniform within ±√(6 / (fanIn + fanOut)). */
export const glorotUniform = (): Initializer =>
  uniform(({ fanIn, fanOut }) => Math.sqrt(6 / (fanIn + fanOut)));
/** LeCun et al. 1998 (Gradient-based learning applied to document recognition, appendix A): within ±2.4 / fanIn. */
export const lecunUniform = (): Initializer => uniform(({ fanIn }) => 2.4 / fanIn);
