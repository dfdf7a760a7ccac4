import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const sqrtGradientRule = defineGradient({
  op: "Sqrt",
  inputs: elementwise(({ a, y }) => a.div(0.5, y)),
});
