import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const sinGradientRule = defineGradient({
  op: "Sin",
  inputs: elementwise(({ a, x }) => a.of("Cos", x)),
});
