import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const atanGradientRule = defineGradient({
  op: "Atan",
  inputs: elementwise(({ a, x }) => a.of("Reciprocal", a.add(a.square(x), 1))),
});
