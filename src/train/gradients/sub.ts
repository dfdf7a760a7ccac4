import { alignedOperands } from "./aligned.ts";
import { defineGradient } from "./define.ts";

export const subGradientRule = defineGradient({
  op: "Sub",
  inputs(context) {
    const { a, dy, give } = alignedOperands(context);
    return give(
      () => dy,
      () => a.of("Neg", dy),
    );
  },
});
