import { castBack } from "./cast-back.ts";
import { defineGradient } from "./define.ts";

export const castGradientRule = defineGradient({ op: "Cast", inputs: castBack });
