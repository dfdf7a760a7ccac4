import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const erfGradientRule = defineGradient({
  op: "Erf",
  inputs: elementwise(({ a, x }) => a.mul(2 / Math.sqrt(Math.PI), a.of("Exp", a.of("Neg", a.square(x))))),
});
