import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const reciprocalGradientRule = defineGradient({
  op: "Reciprocal",
  inputs: elementwise(({ a, y }) => a.of("Neg", a.square(y))),
});
