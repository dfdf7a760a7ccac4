import { alignedOperands } from "./aligned.ts";
import { defineGradient } from "./define.ts";

export const mulGradientRule = defineGradient({
  op: "Mul",
  inputs(context) {
    const { a, dy, left, right, give } = alignedOperands(context);
    return give(
      () => a.mul(dy, right),
      () => a.mul(dy, left),
    );
  },
});
