import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const asinhGradientRule = defineGradient({
  op: "Asinh",
  inputs: elementwise(({ a, x }) => a.of("Reciprocal", a.of("Sqrt", a.add(a.square(x), 1)))),
});
