import { describe, expect, test } from "vitest";
import { initializers } from "../../src/nn/index.ts";
import { randomFrom } from "../../src/ops/random/generator.ts";

const { heNormal, truncatedNormal } = initializers;

/** Up to 2^18 numbers are drawn one by one, more by quantiles. */
const ONE_BY_ONE = 2 ** 18;
const MANY = 2 ** 21;

const draws = (count: number, seed: number, initializer = truncatedNormal(1)): Float32Array =>
  initializer({ dims: [count], fanIn: 8, fanOut: 8 }, randomFrom(seed));

/** The density of the standard normal distribution cut off at ±2, scaled to the deviation 1, at as many places. */
const CUT = 2 / 0.8796256610342398;
const PLACES = 4000;
const density = Float64Array.from({ length: PLACES + 1 }, (_, i) => {
  const x = (-2 + (4 * i) / PLACES) as number;
  return Math.exp((-x * x) / 2);
});
/** Its distribution function there, by the trapezium rule. */
const distribution = new Float64Array(PLACES + 1);
for (let i = 1; i <= PLACES; i++)
  distribution[i] =
    (distribution[i - 1] as number) + ((density[i] as number) + (density[i - 1] as number)) / 2;

const probability = (value: number): number => {
  const place = Math.min(PLACES - 1, Math.max(0, Math.floor(((value / CUT + 1) / 2) * PLACES)));
  const rest = ((value / CUT + 1) / 2) * PLACES - place;
  const [from, to] = [distribution[place] as number, distribution[place + 1] as number];
  return (from + rest * (to - from)) / (distribution[PLACES] as number);
};

/** The largest difference between the share of numbers below a value and the distribution's. */
function kolmogorovDistance(data: Float32Array): number {
  const sorted = data.toSorted();
  return sorted.reduce((most, value, i) => {
    const expected = probability(value);
    return Math.max(most, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  }, 0);
}

describe.each([
  ["one by one", ONE_BY_ONE],
  ["by quantiles", MANY],
])("a normal distribution cut off at two deviations, %s", (_, count) => {
  test.each([1, 2, 3])("has its moments and its distribution, seed %i", (seed) => {
    const data = draws(count, seed);
    const mean = data.reduce((sum, value) => sum + value, 0) / count;
    const variance = data.reduce((sum, value) => sum + value * value, 0) / count;
    const fourth = data.reduce((sum, value) => sum + value ** 4, 0) / count;
    // Four standard errors; the fourth moment of what is left behind the cut is 2.3655 in units of its variance squared.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt((fourth - 1) / count));
    expect(fourth).toBeCloseTo(2.3655, 1);
    const widest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(widest).toBeLessThanOrEqual(CUT * (1 + 1e-6));
    expect(widest).toBeGreaterThan(CUT * 0.999);
    // Of ten thousand such samples one is further away.
    expect(kolmogorovDistance(data)).toBeLessThan(2.23 / Math.sqrt(count));
  });

  test("neighbours, signs and seeds have nothing to do with each other", () => {
    const [data, other] = [draws(count, 1), draws(count, 2)];
    const correlation = (a: Float32Array, b: Float32Array, by: number): number => {
      let sum = 0;
      for (let i = by; i < count; i++) sum += (a[i] as number) * (b[i - by] as number);
      return sum / (count - by);
    };
    const bound = 4.5 / Math.sqrt(count);
    for (const by of [1, 2, 3, 4, 5, 100]) expect(Math.abs(correlation(data, data, by))).toBeLessThan(bound);
    for (const by of [0, 1, 4]) expect(Math.abs(correlation(data, other, by))).toBeLessThan(bound);
    const squares = data.map((value) => value * value - 1);
    for (const by of [1, 4]) expect(Math.abs(correlation(squares, squares, by))).toBeLessThan(1.5 * bound);
  });

  test("fillings from one source of numbers go on, and do not repeat", () => {
    const random = randomFrom(5);
    const shape = { dims: [count], fanIn: 8, fanOut: 8 };
    const [first, second] = [heNormal()(shape, random), heNormal()(shape, random)];
    const seen = new Set(first.subarray(0, 1000));
    expect(second.subarray(0, 2000).filter((value) => seen.has(value)).length).toBeLessThan(3);
    const again = heNormal()(shape, randomFrom(5));
    expect(again.every((value, i) => value === first[i])).toBe(true);
  });
});

test("a seed means the same numbers, on every machine and in every version", () => {
  const first = (count: number) => Array.from(draws(count, 1, heNormal()).subarray(0, 4));
  expect(first(10)).toEqual([
    0.5743341445922852, 0.31151896715164185, -0.13565373420715332, -0.9708119034767151,
  ]);
  expect(first(ONE_BY_ONE)).toEqual(first(10));
  expect(first(ONE_BY_ONE + 1)).toEqual([
    0.5190415382385254, -0.0029069946613162756, 0.2589207887649536, -0.46415168046951294,
  ]);
});

test("truncatedNormal has the deviation that is asked for", () => {
  const data = draws(1e5, 4, truncatedNormal(0.02));
  const deviation = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
  expect(deviation).toBeCloseTo(0.02, 3);
  expect(() => truncatedNormal(-1)).toThrow(
    "truncatedNormal: deviation must be a finite number of at least 0",
  );
});
