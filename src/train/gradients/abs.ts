import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const absGradientRule = defineGradient({
  op: "Abs",
  inputs: elementwise(({ a, x }) => a.of("Sign", x)),
});
