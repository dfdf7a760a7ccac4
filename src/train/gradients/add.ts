import { alignedOperands } from "./aligned.ts";
import { defineGradient } from "./define.ts";

export const addGradientRule = defineGradient({
  op: "Add",
  inputs(context) {
    const { dy, give } = alignedOperands(context);
    return give(
      () => dy,
      () => dy,
    );
  },
});
