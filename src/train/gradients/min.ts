import { defineGradient } from "./define.ts";
import { extremes } from "./extremes.ts";

export const minGradientRule = defineGradient({ op: "Min", inputs: extremes });
