import { describe, expect, test } from "vitest";
import { unaryCode } from "../../src/kernels/contract.ts";
import { BUILDS, bench, random } from "./harness.ts";
import { PARAMETERS, unary } from "./references/unary.ts";

type Name = keyof typeof unaryCode;

const SMALLEST_NORMAL = 2 ** -126;
/** |x|·2^-126 for |x| up to 88: what a product with a factor below 2^-126, which is flushed to zero, may lose. */
const FLUSHED_PRODUCT = 2 ** -119;

/** The table of `docs/accuracy.md`: how far a result may lie from the function's value in units of its last place, over all finite floats. */
const ULP: Readonly<Record<Name, number>> = {
  identity: 0,
  relu: 0,
  clip: 0,
  leakyRelu: 1,
  sigmoid: 3,
  hardSigmoid: 1,
  hardSwish: 3,
  silu: 4,
  tanh: 8,
  elu: 1,
  selu: 3,
  softplus: 2,
  softsign: 2,
  gelu: 8,
  geluTanh: 192, // an exponent of 87 is rounded three times, worth up to 64 each
  mish: 5,
  exp: 1,
  log: 1,
  sqrt: 0.5,
  reciprocal: 0.5,
  abs: 0,
  neg: 0,
  floor: 0,
  ceil: 0,
  round: 0,
  erf: 8,
  sin: 0.51,
  cos: 0.51,
  thresholdedRelu: 0,
  celu: 2,
  sign: 0,
  affine: 1,
  square: 0.5,
};

/** Below this a result may be off by as much: denormals are zero where a function is made of exp(-|x|). */
const FLOOR: Partial<Record<Name, number>> = {
  sigmoid: SMALLEST_NORMAL,
  softplus: SMALLEST_NORMAL,
  gelu: SMALLEST_NORMAL,
  silu: FLUSHED_PRODUCT,
  geluTanh: FLUSHED_PRODUCT,
  mish: FLUSHED_PRODUCT,
};

/** Sums that cancel by their definition: there the error is that of a term, whose size this is. */
const TERM: Partial<Record<Name, (x: number) => number>> = {
  hardSigmoid: () => 0.5,
  affine: () => 0.25,
};

/** Every magnitude and both signs, and closely what lies between -14 and 14 and between -105 and 105. */
function inputs(): Float32Array {
  const next = random(7);
  const x = new Float32Array(3 << 16);
  const bits = new Int32Array(x.buffer);
  const third = 1 << 16;
  for (let i = 0; i < third; i++) {
    bits[i] = (i << 16) | ((next() + 1) * 32768);
    x[third + i] = (i / third) * 28 - 14 + next() * 1e-4;
    x[2 * third + i] = next() * 105;
  }
  return x.map((value) => (Number.isFinite(value) ? value : 0));
}

function ulp(value: number): number {
  return 2 ** (Math.floor(Math.log2(Math.max(Math.abs(value), SMALLEST_NORMAL))) - 23);
}

type Case = [name: Name, alpha: number, beta: number, bound: number];

const CASES: readonly Case[] = [
  ...(Object.keys(unaryCode) as Name[]).map((name): Case => {
    const [alpha, beta] = PARAMETERS[name] ?? [0, 0];
    return [name, Math.fround(alpha), Math.fround(beta), ULP[name]];
  }),
  ["silu", Math.fround(1.702), 0, 96], // QuickGelu: of a product of 87 the rounding is worth 64
];

describe.each(BUILDS)("%s", (build) => {
  test.each(CASES)("f32_unary %s (%d, %d) is within its bound everywhere: %d", (name, alpha, beta, bound) => {
    const b = bench(build, 64);
    const reference = unary[name] as (x: number, alpha: number, beta: number) => number;
    const x = inputs();
    const [from, to] = [b.f32(x), b.output(x.length)];
    b.kernel("f32_unary")(unaryCode[name], alpha, beta, from, x.length, to, x.length, 1, x.length, 0, 1);
    const worst = { ulps: 0, at: 0, got: 0, want: 0 };
    b.read(to, x.length).forEach((got, i) => {
      const at = x[i] as number;
      const want = reference(at, alpha, beta);
      if (Object.is(got, Math.fround(want))) return;
      const error = Math.max(0, Math.abs(got - want) - (FLOOR[name] ?? 0));
      const ulps = error / Math.max(ulp(want), ulp(TERM[name]?.(at) ?? 0));
      if (!(ulps <= worst.ulps)) Object.assign(worst, { ulps, at, got, want });
    });
    expect(worst.ulps, JSON.stringify(worst)).toBeLessThanOrEqual(bound);
    b.checkFences();
  });
});
