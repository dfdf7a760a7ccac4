import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const acoshGradientRule = defineGradient({
  op: "Acosh",
  inputs: elementwise(({ a, x }) => a.of("Reciprocal", a.of("Sqrt", a.mul(a.sub(x, 1), a.add(x, 1))))),
});
