import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const sinhGradientRule = defineGradient({
  op: "Sinh",
  inputs: elementwise(({ a, x }) => a.of("Cosh", x)),
});
