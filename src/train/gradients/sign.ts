import { defineGradient } from "./define.ts";
import { piecewiseConstant } from "./elementwise.ts";

export const signGradientRule = defineGradient({ op: "Sign", inputs: piecewiseConstant });
