import { describe, expect, test } from "vitest";
import { unaryCode } from "../../../src/kernels/contract.ts";
import { BUILDS, bench, randoms } from "../harness.ts";
import { erfc } from "../references/unary.ts";
import { onEveryShare } from "./shares.ts";

const TOLERANCE = 2e-6;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** By code: the slope at t; alpha is 0.3, beta 0.7. At kinks it is the one of docs/training.md. */
const SLOPES: Readonly<Record<string, (t: number) => number>> = {
  relu: (y) => (y > 0 ? 1 : 0),
  clip: (x) => (x >= Math.fround(0.3) && x <= Math.fround(0.7) ? 1 : 0),
  leakyRelu: (x) => (x > 0 ? 1 : 0.3),
  sigmoid: (y) => y * (1 - y),
  hardSigmoid: (y) => (y > 0 && y < 1 ? 0.3 : 0),
  hardSwish: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5),
  silu: (x) => sigmoid(0.3 * x) * (1 + 0.3 * x * (1 - sigmoid(0.3 * x))),
  tanh: (y) => 1 - y * y,
  elu: (x) => (x <= 0 ? 0.3 * Math.exp(x) : 1),
  softplus: sigmoid,
  gelu: (x) => erfc(-x / Math.SQRT2) / 2 + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI),
  geluTanh: (x) => {
    const k = Math.sqrt(8 / Math.PI);
    const s = sigmoid(k * x * (1 + 0.044715 * x * x));
    return s * (1 + x * k * (1 + 3 * 0.044715 * x * x) * (1 - s));
  },
};

describe.each(BUILDS)("f32_activation_gradient, %s", (build) => {
  test.each(Object.keys(SLOPES))("%s", (name) => {
    const [alpha, beta] = [Math.fround(0.3), Math.fround(0.7)];
    const on = bench(build, 64);
    for (let count = 0; count <= 19; count++) {
      const [dy, t] = [randoms(count, count + 1), randoms(count, count + 2).map((value) => value * 4)];
      t.forEach((_, i) => {
        if (i % 7 === 3) t[i] = [0, -0, 3, -3, 1, alpha, beta][((i - 3) / 7 + count) % 7] as number;
      });
      const [dyAt, tAt] = [on.f32(dy), on.f32(t)];
      const [dx] = onEveryShare(on, [count], (call, [to]) => {
        const code = unaryCode[name as keyof typeof unaryCode];
        call("f32_activation_gradient", code, alpha, beta, dyAt, tAt, to as number, count);
      });
      dx?.forEach((value, i) => {
        const wanted = (dy[i] as number) * (SLOPES[name] as (t: number) => number)(t[i] as number);
        expect(Math.abs(value - wanted), `${name} at ${t[i]}`).toBeLessThanOrEqual(
          TOLERANCE * Math.max(1, Math.abs(wanted)),
        );
      });
    }
  });

  test.each(["gelu", "geluTanh", "elu", "softplus"])("%s keeps its digits far below 0", (name) => {
    const on = bench(build, 64);
    const t = Float32Array.from({ length: 100 }, (_, i) => -2 - i / 20);
    const [dy, at, dx] = [on.f32(t.map(() => 1)), on.f32(t), on.output(100)];
    const code = unaryCode[name as keyof typeof unaryCode];
    on.kernel("f32_activation_gradient")(code, Math.fround(0.3), 0, dy, at, dx, 100, 0, 1);
    on.read(dx, 100).forEach((value, i) => {
      const wanted = (SLOPES[name] as (t: number) => number)(t[i] as number);
      expect(Math.abs(value / wanted - 1), `${name} at ${t[i]}`).toBeLessThan(1e-5);
    });
  });

  test.each(["gelu", "geluTanh"])("%s: slopes at infinity", (name) => {
    const on = bench(build, 64);
    const t = [Infinity, -Infinity, Number.NaN, 3e38, -3e38, 0];
    const [dy, at, dx] = [on.f32(t.map(() => 2)), on.f32(t), on.output(6)];
    const code = unaryCode[name as keyof typeof unaryCode];
    on.kernel("f32_activation_gradient")(code, 1, 0, dy, at, dx, 6, 0, 1);
    expect(Array.from(on.read(dx, 6), (value) => value + 0)).toEqual([2, 0, Number.NaN, 2, 0, 1]);
  });

  test("in place", () => {
    const on = bench(build, 8);
    const dy = on.f32([1, 2, 3, 4, 5]);
    const y = on.f32([0, 1, -1, Number.NaN, 2]);
    on.kernel("f32_activation_gradient")(unaryCode.relu, 0, 0, dy, y, dy, 5, 0, 1);
    expect(Array.from(on.read(dy, 5))).toEqual([0, 2, 0, 0, 5]);
  });
});
