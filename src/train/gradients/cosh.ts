import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const coshGradientRule = defineGradient({
  op: "Cosh",
  inputs: elementwise(({ a, x }) => a.of("Sinh", x)),
});
