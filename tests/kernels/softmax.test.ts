import { describe, expect, test } from "vitest";
import { BUILDS, type Build, bench, randoms } from "./harness.ts";
import { column } from "./references/reduce.ts";
import { softmax } from "./references/softmax.ts";

const RELATIVE = 2e-6;
const LOG_ABSOLUTE = 4e-6; // for |x| <= 10
const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 31, 33, 124, 127, 128];

function run(
  build: Build,
  x: Float32Array,
  outer: number,
  axis: number,
  inner: number,
  log: number,
): Float32Array {
  const b = bench(build, 32);
  const px = b.f32(x);
  const kernel = b.kernel("f32_softmax");
  const outputs = [1, 2, 3].map((parts) => {
    const y = b.output(x.length);
    for (let part = 0; part < parts; part++) kernel(px, y, outer, axis, inner, log, part, parts);
    return b.readI32(y, x.length);
  });
  kernel(px, px, outer, axis, inner, log, 0, 1);
  b.checkFences();
  expect(outputs[1]).toEqual(outputs[0]);
  expect(outputs[2]).toEqual(outputs[0]);
  expect(b.readI32(px, x.length), "in place").toEqual(outputs[0]);
  return new Float32Array((outputs[0] as Int32Array).buffer);
}

function check(build: Build, outer: number, axis: number, inner: number): void {
  const x = randoms(outer * axis * inner, axis * 100 + inner).map((v) => v * 10);
  for (const log of [0, 1]) {
    const y = run(build, x, outer, axis, inner, log);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const wanted = softmax(column(x, axis, inner, o, i), log === 1);
        const actual = column(y, axis, inner, o, i);
        wanted.forEach((w, k) => {
          const allowed = log ? LOG_ABSOLUTE : RELATIVE * w;
          if (!(Math.abs((actual[k] as number) - w) <= allowed)) {
            expect.fail(
              `[${outer}, ${axis}, ${inner}] log ${log} at ${o}, ${k}, ${i}: ${actual[k]}, expected ${w}`,
            );
          }
        });
      }
    }
  }
}

describe.each(BUILDS)("%s", (build) => {
  test("f32_softmax: every axis and inner size", () => {
    for (const axis of SIZES) {
      check(build, 5, axis, 1);
      check(build, 1, axis, 1);
      check(build, 2, axis, 7);
      check(build, 1, axis, 37);
    }
    for (const inner of SIZES) check(build, 2, 3, inner);
    check(build, 2, 1000, 1);
    check(build, 1, 300, 5);
  });

  test("stable far from zero, and where it is infinite", () => {
    for (const inner of [1, 3]) {
      const spread = (values: number[]): Float32Array =>
        Float32Array.from(values.flatMap((v) => new Array(inner).fill(v)));
      const first = (values: number[], log: number): number[] =>
        column(run(build, spread(values), 1, values.length, inner, log), values.length, inner, 0, inner - 1);
      expect(first([3e38, 3e38, -3e38, 0], 0)).toEqual([0.5, 0.5, 0, 0]);
      expect(first([1000, -Infinity, -Infinity, -Infinity, -Infinity], 0)).toEqual([1, 0, 0, 0, 0]);
      expect(first([1000, -Infinity, 1000], 1)[1]).toBe(-Infinity);
      expect(first([1000, 1000 - 110], 0)).toEqual([1, 0]);
      expect(first([0, Number.NaN, 1, 2, 3], 0)).toEqual(new Array(5).fill(Number.NaN));
      expect(first([0, Number.NaN, 1, 2, 3], 1)).toEqual(new Array(5).fill(Number.NaN));
      expect(first([-Infinity, -Infinity], 0)).toEqual([Number.NaN, Number.NaN]);
    }
  });
});
