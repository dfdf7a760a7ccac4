import { defineGradient } from "./define.ts";
import { extremes } from "./extremes.ts";

export const maxGradientRule = defineGradient({ op: "Max", inputs: extremes });
