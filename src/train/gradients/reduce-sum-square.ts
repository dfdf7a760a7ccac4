import { defineGradient } from "./define.ts";
import { reductionOf } from "./reduced.ts";

export const reduceSumSquareGradientRule = defineGradient({
  op: "ReduceSumSquare",
  inputs(context) {
    const { a, x, dy } = reductionOf(context);
    return [a.mul(a.mul(dy, 2), x)];
  },
});
