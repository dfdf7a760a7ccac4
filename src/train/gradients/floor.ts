import { defineGradient } from "./define.ts";
import { piecewiseConstant } from "./elementwise.ts";

export const floorGradientRule = defineGradient({ op: "Floor", inputs: piecewiseConstant });
