import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const softsignGradientRule = defineGradient({
  op: "Softsign",
  inputs: elementwise(({ a, x }) => a.of("Reciprocal", a.square(a.add(a.of("Abs", x), 1)))),
});
