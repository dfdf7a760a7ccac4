import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const asinGradientRule = defineGradient({
  op: "Asin",
  inputs: elementwise(({ a, x }) => a.of("Reciprocal", a.of("Sqrt", a.mul(a.sub(1, x), a.add(x, 1))))),
});
