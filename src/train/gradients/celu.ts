import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

/** y = x, or alpha·(e^(x/alpha) − 1) below 0: there the slope is e^(x/alpha), as which y/alpha + 1 would cancel. */
export const celuGradientRule = defineGradient({
  op: "Celu",
  inputs: elementwise(({ a, x, context }) =>
    a.where(a.less(x, 0), a.of("Exp", a.div(x, context.attributes.alpha as number)), 1),
  ),
});
