import { defineGradient } from "./define.ts";
import { reductionOf } from "./reduced.ts";

export const reduceL1GradientRule = defineGradient({
  op: "ReduceL1",
  inputs(context) {
    const { a, x, dy } = reductionOf(context);
    return [a.mul(dy, a.of("Sign", x))];
  },
});
