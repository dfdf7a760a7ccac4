import { describe, expect, test } from "vitest";
import { binaryCode, unaryCode } from "../../src/kernels/contract.ts";
import { BUILDS, type Build, bench, random, randoms } from "./harness.ts";
import { binary, eachElement, extent, type Strided, stridedWords } from "./references/binary.ts";

/** A unit in the last place; all others are exact. */
const POW_RELATIVE = 2 ** -23;
const CANARY = 0x7fc0dead;
const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 124, 127, 128];
const names = Object.keys(binaryCode) as (keyof typeof binaryCode)[];

/** Activations of both parameters, of one and of none, which the reference computes with as few roundings. */
const ACTIVATIONS = {
  none: [unaryCode.identity, 0, 0],
  relu: [unaryCode.relu, 0, 0],
  clip: [unaryCode.clip, -0.25, 0.5],
  leakyRelu: [unaryCode.leakyRelu, 0.5, 0],
} as const;
const LAST: Readonly<Record<keyof typeof ACTIVATIONS, (value: number) => number>> = {
  none: (v) => v,
  relu: (v) => Math.max(v, 0),
  clip: (v) => Math.min(Math.max(v, -0.25), 0.5),
  leakyRelu: (v) => (v < 0 ? 0.5 * v : v),
};

function check(
  build: Build,
  name: keyof typeof binaryCode,
  shape: Strided,
  seed: number,
  activation: keyof typeof ACTIVATIONS = "none",
): void {
  const total = extent(shape.dims, shape.y);
  const b = bench(build, 8 + Math.ceil(total / 2048));
  const [code, alpha, beta] = ACTIVATIONS[activation];
  const positive = (v: number): number => (name === "pow" ? Math.abs(v) + 0.1 : v);
  const a = randoms(extent(shape.dims, shape.a), seed).map(positive);
  const c = randoms(extent(shape.dims, shape.b), seed + 1);
  const [pa, pb, ps] = [b.f32(a), b.f32(c), b.i32(stridedWords(shape))];
  const outputs = [1, 2, 3].map((parts) => {
    const y = b.output(total);
    for (let part = 0; part < parts; part++)
      b.kernel("f32_binary")(binaryCode[name], ps, pa, pb, y, code, alpha, beta, part, parts);
    return b.readI32(y, total);
  });
  b.checkFences();
  expect(outputs[1]).toEqual(outputs[0]);
  expect(outputs[2]).toEqual(outputs[0]);
  const bits = outputs[0] as Int32Array;
  const values = new Float32Array(bits.buffer);
  const written = new Set<number>();
  const failures: string[] = [];
  eachElement(shape, (ia, ib, iy) => {
    written.add(iy);
    const paired = (binary[name] as (a: number, b: number) => number)(a[ia] as number, c[ib] as number);
    const wanted = LAST[activation](paired);
    const actual = values[iy] as number;
    const allowed = name === "pow" ? POW_RELATIVE * Math.abs(wanted) : 0;
    if (!(Math.abs(actual - Math.fround(wanted)) <= allowed))
      failures.push(`y[${iy}] = ${actual}, not ${wanted}`);
  });
  expect({ seed, failures: failures.slice(0, 3) }).toEqual({ seed, failures: [] });
  expect(bits.findIndex((bit, i) => bit !== CANARY && !written.has(i))).toBe(-1);
}

describe.each(BUILDS)("%s", (build) => {
  test.each(names)("f32_binary %s: every size and kind of inner dim", (name) => {
    for (const n of SIZES) {
      check(build, name, { dims: [n], a: [1], b: [1], y: [1] }, n);
      check(build, name, { dims: [n], a: [1], b: [0], y: [1] }, n);
      check(build, name, { dims: [n], a: [0], b: [1], y: [1] }, n);
      check(build, name, { dims: [n], a: [0], b: [0], y: [1] }, n);
      check(build, name, { dims: [n], a: [2], b: [1], y: [3] }, n);
      check(build, name, { dims: [3, n], a: [n + 1, 1], b: [0, 1], y: [n + 2, 1] }, n);
      check(build, name, { dims: [5, n], a: [n, 1], b: [1, 0], y: [n, 1] }, n);
    }
  });

  test("f32_binary: random shapes of up to six dims", () => {
    const next = random(11);
    const below = (n: number): number => Math.floor((next() + 1) * 0.5 * n);
    for (let seed = 0; seed < 300; seed++) {
      const dims = Array.from({ length: 1 + below(6) }, () => (below(20) === 0 ? 0 : 1 + below(5)));
      const dense = (skip: () => boolean, gap: number): number[] => {
        let step = 1 + gap;
        const strides = dims.map(() => 0);
        for (let i = dims.length - 1; i >= 0; i--) {
          if (skip()) continue;
          strides[i] = step;
          step = step * Math.max(dims[i] as number, 1) + (below(4) === 0 ? 1 : 0);
        }
        return strides;
      };
      const some = (): boolean => below(3) === 0;
      const gap = below(4) === 0 ? 1 : 0;
      const shape = { dims, a: dense(some, 0), b: dense(some, gap), y: dense(() => false, gap) };
      check(build, names[seed % 6] as keyof typeof binaryCode, shape, seed);
    }
  });

  test.each(Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[])(
    "f32_binary and %s: rows and blocks of every size, in parts, with gaps and repeated",
    (activation) => {
      const op = (n: number) => (n % 2 === 0 ? "add" : "mul");
      for (const n of SIZES) {
        check(build, op(n), { dims: [n], a: [1], b: [1], y: [1] }, n, activation);
        check(build, op(n), { dims: [n], a: [1], b: [0], y: [3] }, n, activation);
        check(build, op(n), { dims: [3, n], a: [n + 1, 1], b: [0, 1], y: [n + 2, 1] }, n, activation);
        check(build, op(n), { dims: [3, n], a: [n, 1], b: [1, 0], y: [1, 3] }, n, activation);
      }
      check(
        build,
        "pow",
        { dims: [2, 3, 500, 1], a: [1500, 500, 1, 1], b: [0, 1, 0, 0], y: [4500, 1500, 3, 1] },
        5,
        activation,
      );
    },
  );

  test("f32_binary and an activation: more than one piece, of a row or of rows", () => {
    check(build, "add", { dims: [65_537], a: [1], b: [0], y: [1] }, 1, "leakyRelu");
    check(build, "sub", { dims: [9363, 7], a: [7, 1], b: [0, 1], y: [8, 1] }, 2, "leakyRelu");
  });

  test("f32_binary applies an activation in place", () => {
    const b = bench(build, 4);
    const [a, c] = [randoms(3500, 1), randoms(7, 2)];
    const shape = b.i32(stridedWords({ dims: [500, 7], a: [7, 1], b: [0, 1], y: [7, 1] }));
    const pa = b.f32(a);
    b.kernel("f32_binary")(binaryCode.sub, shape, pa, b.f32(c), pa, unaryCode.relu, 0, 0, 0, 1);
    const wanted = Array.from(a, (v, i) => Math.max(Math.fround(v - (c[i % 7] as number)), 0));
    expect(Array.from(b.read(pa, 3500))).toEqual(wanted);
    b.checkFences();
  });

  test("f32_binary: special values", () => {
    const special = [0, -0, 1, -1, Infinity, -Infinity, Number.NaN];
    const a = special.flatMap((v) => special.map(() => v));
    const c = special.flatMap(() => special);
    for (const name of names) {
      const b = bench(build, 4);
      const shape = b.i32(stridedWords({ dims: [a.length], a: [1], b: [1], y: [1] }));
      const y = b.output(a.length);
      b.kernel("f32_binary")(binaryCode[name], shape, b.f32(a), b.f32(c), y, 0, 0, 0, 0, 1);
      const wanted = a.map((v, i) => {
        // C's pow, unlike JavaScript's, is 1 for ±1 to the power of ±∞.
        if (name === "pow" && v === -1 && Math.abs(c[i] as number) === Infinity) return 1;
        return (binary[name] as (a: number, b: number) => number)(v, c[i] as number);
      });
      expect(Array.from(b.read(y, a.length)), name).toEqual(wanted);
    }
  });

  test("f32_binary pow: bases and exponents of every size and sign, to less than an ulp", () => {
    const b = bench(build, 64);
    const next = random(5);
    const bits = Int32Array.from({ length: 40_000 }, () => next() * 2 ** 31);
    const any = new Float32Array(bits.buffer);
    const some = Float32Array.from(any, () => next() * 40);
    const whole = Float32Array.from(any, () => Math.round(next() * 40));
    const near = Float32Array.from(any, () => 1 + next() * 1e-3);
    for (const [a, c] of [
      [any, some],
      [any, whole],
      [some, any],
      [some, whole],
      [near, some.map((v) => v * 2000)],
      [
        whole,
        Float32Array.from(any, (_, i) => [2 ** 24 - 1, 2 ** 24, -(2 ** 24) + 1, 1e-40][i % 4] as number),
      ],
    ] as const) {
      const shape = b.i32(stridedWords({ dims: [a.length], a: [1], b: [1], y: [1] }));
      const y = b.output(a.length);
      b.kernel("f32_binary")(binaryCode.pow, shape, b.f32(a), b.f32(c), y, 0, 0, 0, 0, 1);
      const wrong = Array.from(b.read(y, a.length), (got, i) => {
        const [base, exponent] = [a[i] as number, c[i] as number];
        const wanted = base ** exponent;
        if (Object.is(got, Math.fround(wanted)) || base === 1 || Number.isNaN(base + exponent))
          return undefined;
        const allowed = Math.max(Math.abs(wanted) * 0.51 * 2 ** -23, 0.51 * 2 ** -149);
        return Math.abs(got - wanted) <= allowed
          ? undefined
          : `${base} ** ${exponent} = ${got}, not ${wanted}`;
      });
      expect(wrong.filter((line) => line !== undefined)).toEqual([]);
    }
    b.checkFences();
  });

  test("f32_binary pow: exponent 3 for a whole run is two products", () => {
    const b = bench(build, 4);
    const a = randoms(37, 3);
    const shape = b.i32(stridedWords({ dims: [37], a: [1], b: [0], y: [1] }));
    const y = b.output(37);
    b.kernel("f32_binary")(binaryCode.pow, shape, b.f32(a), b.f32([3]), y, 0, 0, 0, 0, 1);
    expect(Array.from(b.read(y, 37))).toEqual(Array.from(a, (v) => Math.fround(Math.fround(v * v) * v)));
    b.checkFences();
  });

  test("f32_binary pow: exponents 2 and 0.5 for a whole run", () => {
    for (const exponent of [2, 0.5]) {
      const b = bench(build, 4);
      const a = randoms(37, 3).map(Math.abs);
      const shape = b.i32(stridedWords({ dims: [37], a: [1], b: [0], y: [1] }));
      const y = b.output(37);
      b.kernel("f32_binary")(binaryCode.pow, shape, b.f32(a), b.f32([exponent]), y, 0, 0, 0, 0, 1);
      expect(Array.from(b.read(y, 37))).toEqual(Array.from(a, (v) => Math.fround(v ** exponent)));
      b.checkFences();
    }
  });

  test("f32_binary: in place", () => {
    const b = bench(build, 4);
    const [a, c] = [randoms(35, 1), randoms(7, 2)];
    const shape = b.i32(stridedWords({ dims: [5, 7], a: [7, 1], b: [0, 1], y: [7, 1] }));
    const pa = b.f32(a);
    b.kernel("f32_binary")(binaryCode.sub, shape, pa, b.f32(c), pa, 0, 0, 0, 0, 1);
    const wanted = Array.from(a, (v, i) => Math.fround(v - (c[i % 7] as number)));
    expect(Array.from(b.read(pa, 35))).toEqual(wanted);
    b.checkFences();
  });
});
