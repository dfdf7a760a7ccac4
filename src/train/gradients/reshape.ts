import { defineGradient } from "./define.ts";
import { reshapeBack } from "./reshape-back.ts";

export const reshapeGradientRule = defineGradient({ op: "Reshape", inputs: reshapeBack });
