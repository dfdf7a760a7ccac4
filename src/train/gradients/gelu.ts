import type { Algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

/** x·Φ(x): the slope is Φ(x) + x·φ(x), Φ and φ being the normal distribution and its density. */
function exactSlope(a: Algebra, x: string): string {
  const area = a.add(a.mul(a.of("Erf", a.mul(x, Math.SQRT1_2)), 0.5), 0.5);
  const density = a.mul(a.of("Exp", a.mul(a.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return a.add(area, a.mul(x, density));
}

/** x/2·(1 + t) with t = tanh(u), u = √(2/π)·(x + 0.044715·x³). */
function tanhSlope(a: Algebra, x: string): string {
  const rate = Math.sqrt(2 / Math.PI);
  const square = a.square(x);
  const t = a.of("Tanh", a.mul(x, a.add(a.mul(square, rate * 0.044715), rate)));
  const byX = a.add(a.mul(square, 3 * rate * 0.044715), rate);
  const bend = a.mul(a.mul(x, byX), a.sub(1, a.square(t)));
  return a.mul(a.add(a.add(t, 1), bend), 0.5);
}

export const geluGradientRule = defineGradient({
  op: "Gelu",
  inputs: elementwise(({ a, x, context }) =>
    context.attributes.approximate === "tanh" ? tanhSlope(a, x) : exactSlope(a, x),
  ),
});
