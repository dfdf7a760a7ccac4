import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";
import { softmaxAxes } from "./softmax.ts";

/** dx = dy − eʸ·Σ dy. */
export const logSoftmaxGradientRule = defineGradient({
  op: "LogSoftmax",
  inputs(context) {
    const a = algebra(context);
    const dy = context.dy() as string;
    return [a.sub(dy, a.mul(a.of("Exp", context.y()), a.sum(dy, softmaxAxes(context))))];
  },
});
