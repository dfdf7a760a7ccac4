import { describe, expect, test } from "vitest";
import { unaryCode } from "../../src/kernels/contract.ts";
import { BUILDS, bench, randoms } from "./harness.ts";
import { PARAMETERS, prelu, unary } from "./references/unary.ts";

/** Enough for what these tests look for: `unary-accuracy.test.ts` measures the values. */
const RELATIVE = 1e-6;
/** Denormals: zero below -88. */
const FLUSHED = 1.2e-38;
const NONE: [number, number] = [0, 0];
const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 124, 127, 128];
const names = Object.keys(unaryCode) as (keyof typeof unaryCode)[];

function failure(name: string, x: number, actual: number, wanted: number): string | undefined {
  const expected = Math.fround(wanted);
  if (Object.is(actual, expected)) return undefined;
  if (!Number.isFinite(expected) || !Number.isFinite(actual)) {
    // The last finite float and infinity are one rounding apart.
    if (Math.abs(wanted) > 3.4028e38 && actual === Math.sign(wanted) * Infinity) return undefined;
    return `${name}(${x}) = ${actual}, expected ${expected}`;
  }
  const allowed = Math.max(RELATIVE * Math.abs(wanted), FLUSHED);
  if (Math.abs(actual - wanted) <= allowed) return undefined;
  return `${name}(${x}) = ${actual}, expected ${expected}`;
}

const SPECIAL = [0, -0, Infinity, -Infinity, Number.NaN, -104, -103, 88.7, 89, 1e-40, -1e-40, 3e38, -3e38];
/** ∞·0: what the formula itself gives, here and in the reference. */
const UNDEFINED_AT_INFINITY = new Set(["silu", "hardSwish", "gelu", "geluTanh", "mish", "softsign"]);

describe.each(BUILDS)("%s", (build) => {
  test.each(names)("f32_unary %s: special values", (name) => {
    const b = bench(build, 64);
    const [alpha, beta] = PARAMETERS[name] ?? NONE;
    const reference = unary[name] as (x: number, alpha: number, beta: number) => number;
    const special = SPECIAL.filter((x) => {
      if (UNDEFINED_AT_INFINITY.has(name)) return Math.abs(x) !== Infinity && Math.abs(x) < 1e38;
      return true;
    });
    const x = Float32Array.from(special);
    const pointer = b.f32(x);
    const y = b.output(x.length);
    b.kernel("f32_unary")(unaryCode[name], alpha, beta, pointer, x.length, y, x.length, 1, x.length, 0, 1);
    const failures = Array.from(b.read(y, x.length), (v, i) => {
      const wanted = reference(x[i] as number, Math.fround(alpha), Math.fround(beta));
      if (v === 0 && wanted === 0 && name === "relu") return undefined; // relu(-0) may be either zero
      return failure(name, x[i] as number, v, wanted);
    }).filter((line) => line !== undefined);
    expect(failures).toEqual([]);
  });

  test("f32_unary: every size, strided, in place, parts alike", () => {
    const kernel = "f32_unary";
    for (const name of ["relu", "silu", "exp"] as const) {
      for (const cols of SIZES) {
        for (const [ldx, ldy, rows] of [
          [cols, cols, 3],
          [cols + 3, cols + 5, 3],
          [cols, cols, 1],
        ] as const) {
          const b = bench(build, 4);
          const x = randoms(ldx * rows, cols + 1);
          const pointer = b.f32(x);
          const outputs = [1, 2, 3].map((parts) => {
            const y = b.output(ldy * rows);
            for (let part = 0; part < parts; part++) {
              b.kernel(kernel)(unaryCode[name], 1, 0, pointer, ldx, y, ldy, rows, cols, part, parts);
            }
            return b.readI32(y, ldy * rows);
          });
          expect(outputs[1]).toEqual(outputs[0]);
          expect(outputs[2]).toEqual(outputs[0]);
          const first = new Float32Array((outputs[0] as Int32Array).buffer);
          for (let i = 0; i < ldy * rows; i++) {
            const [row, col] = [Math.floor(i / ldy), i % ldy];
            if (col >= cols) expect((outputs[0] as Int32Array)[i]).toBe(0x7fc0dead);
            else {
              const value = x[row * ldx + col] as number;
              const wanted = (unary[name] as (x: number, a: number, b: number) => number)(value, 1, 0);
              expect(failure(name, value, first[i] as number, wanted)).toBeUndefined();
            }
          }
          b.kernel(kernel)(unaryCode[name], 1, 0, pointer, ldx, pointer, ldx, rows, cols, 0, 1);
          const inPlace = b.read(pointer, ldx * rows);
          for (let i = 0; i < ldx * rows; i++) {
            const [row, col] = [Math.floor(i / ldx), i % ldx];
            expect(inPlace[i]).toBe(col < cols ? first[row * ldy + col] : x[i]);
          }
          b.checkFences();
        }
      }
    }
  });

  test("f32_prelu: every size, parts alike, NaN stays", () => {
    for (const cols of SIZES) {
      const b = bench(build, 4);
      const [rows, ldx, ldy] = [3, cols + 2, cols + 1];
      const x = randoms(rows * ldx, cols + 1);
      if (cols > 2) x[2] = Number.NaN;
      const slope = randoms(cols, 5);
      const [px, ps] = [b.f32(x), b.f32(slope)];
      const outputs = [1, 2, 3].map((parts) => {
        const y = b.output(rows * ldy);
        for (let part = 0; part < parts; part++) {
          b.kernel("f32_prelu")(px, ldx, ps, y, ldy, rows, cols, part, parts);
        }
        return b.read(y, rows * ldy);
      });
      expect(outputs[1]).toEqual(outputs[0]);
      expect(outputs[2]).toEqual(outputs[0]);
      for (let row = 0; row < rows; row++) {
        for (let col = 0; col < cols; col++) {
          const wanted = prelu(x[row * ldx + col] as number, slope[col] as number);
          expect((outputs[0] as Float32Array)[row * ldy + col]).toBe(Math.fround(wanted));
        }
      }
      b.checkFences();
    }
  });
});
