import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const logGradientRule = defineGradient({
  op: "Log",
  inputs: elementwise(({ a, x }) => a.of("Reciprocal", x)),
});
