import { castBack } from "./cast-back.ts";
import { defineGradient } from "./define.ts";

export const castLikeGradientRule = defineGradient({ op: "CastLike", inputs: castBack });
