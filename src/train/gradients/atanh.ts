import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const atanhGradientRule = defineGradient({
  op: "Atanh",
  inputs: elementwise(({ a, x }) => a.of("Reciprocal", a.mul(a.sub(1, x), a.add(x, 1)))),
});
