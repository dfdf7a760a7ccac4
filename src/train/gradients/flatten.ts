import { defineGradient } from "./define.ts";
import { reshapeBack } from "./reshape-back.ts";

export const flattenGradientRule = defineGradient({ op: "Flatten", inputs: reshapeBack });
