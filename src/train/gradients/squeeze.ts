import { defineGradient } from "./define.ts";
import { reshapeBack } from "./reshape-back.ts";

export const squeezeGradientRule = defineGradient({ op: "Squeeze", inputs: reshapeBack });
