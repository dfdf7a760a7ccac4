import { describe, expect, test } from "vitest";
import { type Bench, BUILDS, type Build, bench, randoms } from "./harness.ts";
import { norm, type PoolShape, pool, poolStruct, sum } from "./references/pool.ts";

/** Of the largest input (1), for a window of up to 49 taps. */
const SUM_TOLERANCE = 1e-6;
const NORM_TOLERANCE = 1e-5;
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 20, 31, 33, 64, 127];

const base: PoolShape = {
  ...{ batch: 1, inH: 5, inW: 6, channels: 3, inStride: 3, outH: 0, outW: 0, outStride: 3 },
  ...{
    kH: 2,
    kW: 2,
    strideH: 2,
    strideW: 2,
    padTop: 0,
    padLeft: 0,
    padBottom: 0,
    padRight: 0,
    dilH: 1,
    dilW: 1,
  },
};

function sized(change: Partial<PoolShape>, ceil = false): PoolShape {
  const s = { ...base, ...change };
  const round = ceil ? Math.ceil : Math.floor;
  const out = (size: number, pads: number, k: number, dilation: number, stride: number): number => {
    const count = round((size + pads - dilation * (k - 1) - 1) / stride) + 1;
    return Math.max(count, 0);
  };
  s.outH = out(s.inH, s.padTop + s.padBottom, s.kH, s.dilH, s.strideH);
  s.outW = out(s.inW, s.padLeft + s.padRight, s.kW, s.dilW, s.strideW);
  return s;
}

const three = { kH: 3, kW: 3, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1 };
const shapes: PoolShape[] = [
  ...CHANNELS.map((channels) => sized({ channels, inStride: channels, outStride: channels })),
  ...CHANNELS.map((channels) =>
    sized({ ...three, batch: 2, channels, inStride: channels + 3, outStride: channels + 1 }),
  ),
  sized({ ...three, strideH: 1, strideW: 1 }),
  sized({ ...three, dilH: 2, dilW: 2, strideH: 1, strideW: 1, inH: 7, inW: 8 }),
  sized({ kH: 3, kW: 2, strideH: 2, strideW: 3, padTop: 2, padRight: 1, inH: 8, inW: 9 }),
  sized({ kH: 2, kW: 2, inH: 5, inW: 7 }, true),
  sized({ kH: 3, kW: 3, inH: 6, inW: 6, padBottom: 1, padRight: 1 }, true),
  sized({ kH: 7, kW: 7, inH: 7, inW: 7, batch: 2, channels: 37, inStride: 37, outStride: 37 }),
  sized({ kH: 1, kW: 1, strideH: 1, strideW: 1 }),
  sized({
    kH: 5,
    kW: 5,
    padTop: 4,
    padLeft: 4,
    padBottom: 4,
    padRight: 4,
    dilH: 2,
    dilW: 1,
    strideH: 1,
    inH: 3,
    inW: 3,
  }),
];

/** Calls a kernel with the shape, x and y, for a share of the work. */
type Call = (
  b: Bench,
  at: readonly [shape: number, x: number, y: number],
  ...share: [part: number, parts: number]
) => void;

function check(
  build: Build,
  s: PoolShape,
  call: Call,
  tolerance: number,
  reduce: (values: number[], padded: number) => number,
  nan = 0,
): void {
  const b = bench(build, 16);
  const x = randoms(s.batch * s.inH * s.inW * s.inStride, s.channels + 1);
  const chances = randoms(x.length, s.channels + 2);
  for (let i = 0; i < x.length; i++) if (Math.abs(chances[i] as number) < nan) x[i] = NaN;
  const [shape, px] = [b.i32(poolStruct(s)), b.f32(x)];
  const wanted = pool(s, x, reduce);
  const outputs = [1, 2, 3].map((parts) => {
    const y = b.output(wanted.length);
    for (let part = 0; part < parts; part++) call(b, [shape, px, y], part, parts);
    return b.readI32(y, wanted.length);
  });
  b.checkFences();
  expect(outputs[1]).toEqual(outputs[0]);
  expect(outputs[2]).toEqual(outputs[0]);
  const bits = outputs[0] as Int32Array;
  const actual = new Float32Array(bits.buffer);
  for (let i = 0; i < wanted.length; i++) {
    if (i % s.outStride >= s.channels) expect(bits[i]).toBe(0x7fc0dead);
    else if (!(Math.abs((actual[i] as number) - (wanted[i] as number)) <= tolerance)) {
      if (Object.is(actual[i], wanted[i])) continue;
      expect.fail(`${JSON.stringify(s)}: y[${i}] = ${actual[i]}, expected ${wanted[i]}`);
    }
  }
}

const largest = (values: number[]): number => values.reduce((most, v) => Math.max(most, v), -Infinity);

/** A window that lies in the padding alone has no average. */
const hasEmptyWindow = (s: PoolShape): boolean =>
  pool(s, new Float32Array(1e5), (v) => +(v.length === 0)).includes(1);

describe.each(BUILDS)("%s", (build) => {
  test("f32_max_pool", () => {
    for (const s of shapes) {
      const call: Call = (b, at, ...share) => b.kernel("f32_max_pool")(...at, ...share);
      for (const nan of [0, 0.02, 0.5]) check(build, s, call, 0, largest, nan);
    }
  });

  test("f32_average_pool", () => {
    for (const s of shapes.filter((shape) => !hasEmptyWindow(shape))) {
      const call =
        (countIncludePad: number): Call =>
        (b, at, ...share) =>
          b.kernel("f32_average_pool")(...at, countIncludePad, s.padBottom, s.padRight, ...share);
      check(build, s, call(0), SUM_TOLERANCE, (v) => sum(v) / v.length);
      check(build, s, call(1), SUM_TOLERANCE, (v, padded) => sum(v) / padded);
    }
  });

  test.each([1, 2, 3])("f32_lp_pool, p = %i", (p) => {
    const call: Call = (b, at, ...share) => b.kernel("f32_lp_pool")(...at, p, ...share);
    for (const s of shapes) check(build, s, call, NORM_TOLERANCE, (values) => norm(values, p));
  });

  test("infinities and NaN", () => {
    const b = bench(build, 4);
    const values = [
      [Number.NaN, 1],
      [1, Number.NaN],
      [Number.NaN, Number.NaN],
      [-Infinity, -Infinity],
      [Infinity, 1],
    ];
    const x = values.flatMap((pair) => [...pair, 0].slice(0, 2));
    const s = sized({ batch: values.length, inH: 1, inW: 2, channels: 1, inStride: 1, outStride: 1, kH: 1 });
    const [shape, px, y] = [b.i32(poolStruct(s)), b.f32(x), b.output(5)];
    b.kernel("f32_max_pool")(shape, px, y, 0, 1);
    expect(Array.from(b.read(y, 5))).toEqual([NaN, NaN, NaN, -Infinity, Infinity]);
    b.kernel("f32_average_pool")(shape, px, y, 0, 0, 0, 0, 1);
    expect(Array.from(b.read(y, 5))).toEqual([NaN, NaN, NaN, -Infinity, Infinity]);
  });

  test("f32_average_pool: a global pool of 112² equal values keeps them", () => {
    const b = bench(build, 64);
    const x = new Float32Array(112 * 112 * 4).fill(0.1);
    const s = sized({ inH: 112, inW: 112, kH: 112, kW: 112, channels: 4, inStride: 4, outStride: 4 });
    const y = b.output(4);
    b.kernel("f32_average_pool")(b.i32(poolStruct(s)), b.f32(x), y, 0, 0, 0, 0, 1);
    for (const v of b.read(y, 4)) expect(Math.abs(v - 0.1)).toBeLessThan(0.1 * 2e-6);
  });
});
