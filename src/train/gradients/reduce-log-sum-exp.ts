import { defineGradient } from "./define.ts";
import { reductionOf } from "./reduced.ts";

export const reduceLogSumExpGradientRule = defineGradient({
  op: "ReduceLogSumExp",
  inputs(context) {
    const { a, x, dy, y } = reductionOf(context);
    return [a.mul(dy, a.of("Exp", a.sub(x, y)))];
  },
});
