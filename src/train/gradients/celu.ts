import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

/** y = x, or alpha·(e^(x/alpha) − 1) below 0: there the slope is y/alpha + 1. */
export const celuGradientRule = defineGradient({
  op: "Celu",
  inputs: elementwise(({ a, x, y, context }) =>
    a.where(a.less(x, 0), a.add(a.div(y, context.attributes.alpha as number), 1), 1),
  ),
});
