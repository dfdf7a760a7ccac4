import { defineGradient } from "./define.ts";
import { sumTo } from "./sum-to.ts";

export const expandGradientRule = defineGradient({
  op: "Expand",
  inputs: (context) => [sumTo(context, context.dy() as string, context.dims(context.x()))],
});
