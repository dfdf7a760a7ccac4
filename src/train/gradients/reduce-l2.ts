import { defineGradient } from "./define.ts";
import { reductionOf } from "./reduced.ts";

export const reduceL2GradientRule = defineGradient({
  op: "ReduceL2",
  inputs(context) {
    const { a, x, dy, y } = reductionOf(context);
    return [a.mul(a.div(dy, y), x)];
  },
});
