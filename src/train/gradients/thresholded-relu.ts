import { defineGradient } from "./define.ts";
import { elementwise } from "./elementwise.ts";

export const thresholdedReluGradientRule = defineGradient({
  op: "ThresholdedRelu",
  inputs: elementwise(({ a, x, context }) => a.asNumber(a.less(context.attributes.alpha as number, x), x)),
});
