import { describe, expect, test } from "vitest";
import { reduceCode } from "../../src/kernels/contract.ts";
import { BUILDS, type Build, bench, randoms } from "./harness.ts";
import { column, reduce } from "./references/reduce.ts";

/** Of Σ|x| (of the value itself for prod), whatever the count. */
const TOLERANCE = 1e-6;
const PRODUCT_TOLERANCE = 1e-5;
const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 31, 33, 63, 65, 124, 127, 128];
const names = Object.keys(reduceCode) as (keyof typeof reduceCode)[];

function run(build: Build, name: keyof typeof reduceCode, x: Float32Array, sizes: number[]): Float32Array {
  const [outer, count, inner] = sizes as [number, number, number];
  const b = bench(build, 8 + Math.ceil((x.length + outer * inner * 3) / 8192));
  const px = b.f32(x);
  const outputs = [1, 2, 3].map((parts) => {
    const y = b.output(outer * inner);
    for (let part = 0; part < parts; part++) {
      b.kernel("f32_reduce")(reduceCode[name], px, y, outer, count, inner, part, parts);
    }
    return b.read(y, outer * inner);
  });
  b.checkFences();
  expect(outputs[1]).toEqual(outputs[0]);
  expect(outputs[2]).toEqual(outputs[0]);
  return outputs[0] as Float32Array;
}

function check(
  build: Build,
  name: keyof typeof reduceCode,
  outer: number,
  count: number,
  inner: number,
): void {
  const raw = randoms(outer * count * inner, count * 1000 + inner);
  const x = raw.map((v) => (name === "prod" ? 1 + v / 4 : name === "logSum" ? Math.abs(v) + 0.01 : v * 4));
  const y = run(build, name, x, [outer, count, inner]);
  y.forEach((actual, index) => {
    const values = column(x, count, inner, Math.floor(index / inner), index % inner);
    const wanted = (reduce[name] as (values: number[]) => number)(values);
    if (Object.is(actual, Math.fround(wanted)) || (actual === 0 && wanted === 0)) return;
    const sum = values.reduce((total, v) => total + Math.abs(v) ** (name === "sumSquare" ? 2 : 1), 0);
    const scale = { sum, l1: sum, sumSquare: sum, mean: sum / count, max: 0, min: 0 }[name as string];
    const allowed =
      scale !== undefined
        ? TOLERANCE * scale
        : name === "prod"
          ? PRODUCT_TOLERANCE * Math.abs(wanted)
          : TOLERANCE * Math.max(Math.abs(wanted), 1);
    if (!(Math.abs(actual - wanted) <= allowed)) {
      expect.fail(`${name} [${outer}, ${count}, ${inner}] at ${index}: ${actual}, expected ${wanted}`);
    }
  });
}

describe.each(BUILDS)("%s", (build) => {
  test.each(names)("f32_reduce %s: every count and inner size", (name) => {
    for (const count of SIZES) {
      check(build, name, 5, count, 1);
      check(build, name, 1, count, 1);
      check(build, name, 2, count, 7);
      check(build, name, 1, count, 37);
    }
    for (const inner of SIZES) check(build, name, 2, 3, inner);
    check(build, name, 0, 3, 4);
    check(build, name, 1, 1025, 1);
    check(build, name, 3, 300, 20);
  });

  test("long sums stay accurate", () => {
    const n = 1_000_003;
    const x = randoms(n, 1).map((v) => v + 1);
    const wanted = x.reduce((total, v) => total + v, 0);
    for (const inner of [1, 2]) {
      const [sum] = run(
        build,
        "sum",
        inner === 1 ? x : Float32Array.from({ length: 2 * n }, (_, i) => x[i >> 1] as number),
        [1, n, inner],
      );
      expect(Math.abs((sum as number) - wanted) / wanted).toBeLessThan(TOLERANCE);
    }
  });

  test("NaN and infinities", () => {
    for (const inner of [1, 3]) {
      for (const position of [0, 3, 16, 20]) {
        const x = randoms(21 * inner, 2);
        x.fill(Number.NaN, position * inner, (position + 1) * inner);
        for (const name of names) expect(run(build, name, x, [1, 21, inner])[0], name).toBeNaN();
        x.fill(Infinity, position * inner, (position + 1) * inner);
        for (const name of ["sum", "mean", "max", "l1", "l2", "sumSquare", "logSumExp"] as const) {
          expect(run(build, name, x, [1, 21, inner])[0], name).toBe(Infinity);
        }
      }
      const low = new Float32Array(5 * inner).fill(-Infinity);
      expect(run(build, "logSumExp", low, [1, 5, inner])[0]).toBe(-Infinity);
      const high = new Float32Array(5 * inner).fill(1000);
      expect(run(build, "logSumExp", high, [1, 5, inner])[0]).toBeCloseTo(1000 + Math.log(5), 3);
    }
  });
});
