import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const acosGradientRule = defineGradient({
  op: "Acos",
  inputs: elementwise(({ a, x }) => a.div(-1, a.of("Sqrt", a.mul(a.sub(1, x), a.add(x, 1))))),
});
