import { defineGradient } from "./define.ts";
import { reshapeBack } from "./reshape-back.ts";

export const unsqueezeGradientRule = defineGradient({ op: "Unsqueeze", inputs: reshapeBack });
