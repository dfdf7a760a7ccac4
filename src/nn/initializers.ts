import { arrayOf, functionOf, numberIn, numbersIn, objectOf } from "../arguments.ts";
import { assertFits } from "../memory-limit.ts";
import type { Random } from "../ops/random/generator.ts";
import { elementCount } from "../tensor.ts";

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

/** Every element drawn by itself. */
function drawn(shape: ParameterShape, random: Random, draw: () => number): Float32Array {
  functionOf("an initialiser's source of numbers", random);
  const data = roomFor(shape);
  for (let i = 0; i < data.length; i++) data[i] = draw();
  return data;
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
    return drawn(shape, random, () => (2 * random() - 1) * limit);
  };

/** Where the normal distributions are cut off, in standard deviations before the cut. */
const CUT = 2;
/** The standard deviation that is left of a standard normal distribution cut off at ±2. */
const CUT_DEVIATION = 0.8796256610342398;

const normal =
  (deviation: (shape: ParameterShape) => number): Initializer =>
  (shape, random) => {
    const scale = deviation(objectOf("an initialiser's shape", shape)) / CUT_DEVIATION;
    return drawn(shape, random, () => truncatedNormal(random) * scale);
  };

/** A draw of the standard normal distribution cut off at ±2, by rejection. */
function truncatedNormal(random: Random): number {
  for (;;) {
    const x = CUT * (2 * random() - 1);
    const half = (x * x) / 4;
    if (happens(half, random) && happens(half, random)) return x;
  }
}

/** True with the probability e^-t, for t in [0, 1], without computing it (von Neumann 1951). */
function happens(t: number, random: Random): boolean {
  let k = 1;
  while (random() * k < t) k++;
  return k % 2 === 1;
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
