import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const cosGradientRule = defineGradient({
  op: "Cos",
  inputs: elementwise(({ a, x }) => a.of("Neg", a.of("Sin", x))),
});
