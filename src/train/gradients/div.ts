import { alignedOperands } from "./aligned.ts";
import { defineGradient } from "./define.ts";

export const divGradientRule = defineGradient({
  op: "Div",
  inputs(context) {
    const { a, dy, right, give } = alignedOperands(context);
    return give(
      () => a.div(dy, right),
      () => a.of("Neg", a.mul(dy, a.div(context.y(), right))),
    );
  },
});
