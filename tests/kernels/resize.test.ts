import { describe, expect, test } from "vitest";
import { structWords } from "../../src/kernels/struct-words.ts";
import { type Bench, BUILDS, type Build, bench, random, randoms } from "./harness.ts";
import { type ResizeShape, resize, type Table } from "./references/resize.ts";

/** Of inputs and weights within [-1, 1]; one tap is a copy. */
const TOLERANCE: Record<number, number> = { 1: 0, 2: 1e-6, 4: 4e-6 };
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 124, 127];
const kernels = [
  ["f32_resize_nearest", 1],
  ["f32_resize_linear", 2],
  ["f32_resize_cubic", 4],
] as const;

function table(size: number, from: number, taps: number, seed: number): Table {
  const next = random(seed);
  const index = Array.from({ length: size * taps }, () => Math.floor((next() + 1) * 0.5 * from));
  return { index, weight: index.map(() => (taps === 1 ? 1 : Math.fround(next()))) };
}

const structOf = (s: ResizeShape): Int32Array =>
  structWords("SpatialShape", {
    ...{ ...s, inC: s.channels, outC: s.channels },
    ...{ kH: 1, kW: 1, strideH: 1, strideW: 1, padTop: 0, padLeft: 0, dilH: 1, dilW: 1, group: 1 },
  });

/** Calls a kernel with a shape, x, y and the two tables, for a share of the work. */
function call(
  b: Bench,
  name: (typeof kernels)[number][0],
  at: readonly [shape: number, x: number, y: number],
  [rows, cols]: readonly [Table, Table],
  ...share: [part: number, parts: number]
): void {
  const [rowIndex, colIndex] = [b.i32(rows.index), b.i32(cols.index)];
  if (name === "f32_resize_nearest") b.kernel(name)(...at, rowIndex, colIndex, ...share);
  else b.kernel(name)(...at, rowIndex, b.f32(rows.weight), colIndex, b.f32(cols.weight), ...share);
}

function check(build: Build, name: (typeof kernels)[number][0], taps: number, s: ResizeShape): void {
  const b = bench(build, 16);
  const x = randoms(s.batch * s.inH * s.inW * s.inStride, s.channels + 1);
  const tables = [table(s.outH, s.inH, taps, 1), table(s.outW, s.inW, taps, 2)] as const;
  const wanted = resize(s, taps, x, ...tables);
  const [shape, px] = [b.i32(structOf(s)), b.f32(x)];
  const outputs = [1, 2, 3].map((parts) => {
    const y = b.output(wanted.length);
    for (let part = 0; part < parts; part++) call(b, name, [shape, px, y], tables, part, parts);
    return b.readI32(y, wanted.length);
  });
  b.checkFences();
  expect(outputs[1]).toEqual(outputs[0]);
  expect(outputs[2]).toEqual(outputs[0]);
  const bits = outputs[0] as Int32Array;
  const actual = new Float32Array(bits.buffer);
  wanted.forEach((w, i) => {
    if (i % s.outStride >= s.channels) expect(bits[i]).toBe(0x7fc0dead);
    else if (!(Math.abs((actual[i] as number) - w) <= (TOLERANCE[taps] as number))) {
      expect.fail(`${JSON.stringify(s)}: y[${i}] = ${actual[i]}, expected ${w}`);
    }
  });
}

describe.each(BUILDS)("%s", (build) => {
  test.each(kernels)("%s: every channel count, strided", (name, taps) => {
    for (const channels of CHANNELS) {
      for (const gap of [0, 3]) {
        const sizes = { batch: 2, inH: 3, inW: 4, outH: 5, outW: 7 };
        check(build, name, taps, {
          ...sizes,
          channels,
          inStride: channels + gap,
          outStride: channels + 2 * gap,
        });
      }
    }
    check(build, name, taps, {
      batch: 1,
      inH: 1,
      inW: 1,
      outH: 3,
      outW: 2,
      channels: 5,
      inStride: 5,
      outStride: 5,
    });
    check(build, name, taps, {
      batch: 1,
      inH: 9,
      inW: 8,
      outH: 1,
      outW: 1,
      channels: 5,
      inStride: 5,
      outStride: 5,
    });
  });

  test.each(kernels)("%s: NaN and infinities arrive", (name, taps) => {
    const b = bench(build, 4);
    const x = [Number.NaN, Infinity, -Infinity, -0, 2];
    const one: Table = { index: new Array(taps).fill(0), weight: new Array(taps).fill(1 / taps) };
    const pixel = { batch: 1, inH: 1, inW: 1, channels: 5, inStride: 5, outH: 1, outW: 1, outStride: 5 };
    const shape = b.i32(structOf(pixel));
    const y = b.output(5);
    call(b, name, [shape, b.f32(x), y], [one, one], 0, 1);
    const actual = Array.from(b.read(y, 5), (v) => v + 0);
    expect(actual).toEqual([Number.NaN, Infinity, -Infinity, 0, 2]);
    b.checkFences();
  });
});
