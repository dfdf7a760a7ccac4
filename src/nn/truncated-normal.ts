import { type Random, randomFrom } from "../ops/random/generator.ts";

/** Where the normal distributions are cut off, in standard deviations before the cut. */
const CUT = 2;
/** The standard deviation that is left of a standard normal distribution cut off at ±2. */
const CUT_DEVIATION = 0.8796256610342398;

/** Up to here numbers are drawn one by one, as they always were: published runs of small networks go by their seeds. */
const ONE_BY_ONE = 2 ** 18;

/**
 * Fills with draws of a normal distribution of mean 0 that is cut off at ±2 of its standard deviations; `deviation` is what
 * is left behind the cut. Nothing but additions, products, quotients and shifts: the same numbers on every machine.
 */
export function fillTruncatedNormal(data: Float32Array, deviation: number, random: Random): void {
  const scale = deviation / CUT_DEVIATION;
  if (data.length <= ONE_BY_ONE) for (let i = 0; i < data.length; i++) data[i] = byRejection(random) * scale;
  else fillByQuantiles(data, scale, random);
}

/** A draw of the standard normal distribution cut off at ±2, by rejection. */
function byRejection(random: Random): number {
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

/** Cells of equal probability that the distribution falls into; a power of 2. */
const CELLS = 4096;
/** Bits of a number that say where in its cell it lies; the others say which cell. */
const BITS_WITHIN = 20;
const WITHIN = 2 ** BITS_WITHIN;

/**
 * Many draws, by the quantile function with straight lines between the bounds of cells, which is nowhere further from the
 * distribution than 3e-7 in probability. The generator is that of `randomFrom` (its last four numbers are its state), here
 * with the state in variables: a call for each of a hundred million numbers takes longer than making them.
 */
function fillByQuantiles(data: Float32Array, scale: number, random: Random): void {
  const own = randomFrom(random() + random() / 2 ** 32);
  const word = (): number => (own() * 2 ** 32) | 0;
  let [a, b, c, d] = [word(), word(), word(), word()];
  const bounds = cellBounds();
  const starts = new Float64Array(CELLS);
  const steps = new Float64Array(CELLS);
  for (let cell = 0; cell < CELLS; cell++) {
    const [from, to] = [bounds[cell] as number, bounds[cell + 1] as number];
    steps[cell] = ((to - from) / WITHIN) * scale;
    starts[cell] = from * scale + (steps[cell] as number) / 2;
  }
  for (let i = 0; i < data.length; i++) {
    let t = a;
    a = b;
    b = c;
    c = d;
    t ^= t << 11;
    t ^= t >>> 8;
    d = t ^ d ^ (d >>> 19);
    const cell = d >>> BITS_WITHIN;
    data[i] = (starts[cell] as number) + (steps[cell] as number) * (d & (WITHIN - 1));
  }
}

let knownBounds: Float64Array | undefined;

/** The bounds of the cells from -2 to 2, by Newton's method from each to the next; made when they are first needed. */
function cellBounds(): Float64Array {
  if (knownBounds !== undefined) return knownBounds;
  const bounds = new Float64Array(CELLS + 1);
  const half = CELLS / 2;
  const whole = bellArea(CUT);
  let x = 0;
  for (let i = 1; i < half; i++) {
    for (let step = 0; step < 4; step++) x -= (bellArea(x) - (whole * i) / half) / bell(x);
    bounds[half + i] = x;
    bounds[half - i] = -x;
  }
  bounds[0] = -CUT;
  bounds[CELLS] = CUT;
  knownBounds = bounds;
  return bounds;
}

/** Terms of the series below that count for x up to 2. */
const TERMS = 30;

/** e^(-x²/2) by its series. */
function bell(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; k < TERMS; k++) {
    term *= (-x * x) / (2 * k);
    sum += term;
  }
  return sum;
}

/** The integral of `bell` from 0 to x. */
function bellArea(x: number): number {
  let [sum, term] = [x, x];
  for (let k = 1; k < TERMS; k++) {
    term *= (-x * x) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return sum;
}
