import { defineGradient } from "./define.ts";
import { piecewiseConstant } from "./elementwise.ts";

export const ceilGradientRule = defineGradient({ op: "Ceil", inputs: piecewiseConstant });
