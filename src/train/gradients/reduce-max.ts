import { defineGradient } from "./define.ts";
import { reducedExtreme } from "./reduced.ts";

export const reduceMaxGradientRule = defineGradient({ op: "ReduceMax", inputs: reducedExtreme });
