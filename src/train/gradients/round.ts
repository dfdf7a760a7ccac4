import { defineGradient } from "./define.ts";
import { piecewiseConstant } from "./elementwise.ts";

export const roundGradientRule = defineGradient({ op: "Round", inputs: piecewiseConstant });
