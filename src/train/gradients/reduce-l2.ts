import { defineGradient } from "./define.ts";
import { reductionOf } from "./reduced.ts";

/** x/y·dy, and 0 where the norm y is. */
export const reduceL2GradientRule = defineGradient({
  op: "ReduceL2",
  inputs(context) {
    const { a, x, dy, y } = reductionOf(context);
    return [a.mul(a.where(a.equal(y, 0), 0, a.div(dy, y)), x)];
  },
});
