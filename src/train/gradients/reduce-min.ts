import { defineGradient } from "./define.ts";
import { reducedExtreme } from "./reduced.ts";

export const reduceMinGradientRule = defineGradient({ op: "ReduceMin", inputs: reducedExtreme });
