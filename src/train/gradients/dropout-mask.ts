import { defineGradient } from "./define.ts";
import { piecewiseConstant } from "./elementwise.ts";

export const dropoutMaskGradientRule = defineGradient({
  op: "DropoutMask",
  domain: "lanewise",
  inputs: piecewiseConstant,
});
