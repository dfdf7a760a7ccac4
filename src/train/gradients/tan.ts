import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const tanGradientRule = defineGradient({
  op: "Tan",
  inputs: elementwise(({ a, y }) => a.add(a.square(y), 1)),
});
