import { activation } from "./activation.ts";
import { defineGradient } from "./define.ts";

export const swishGradientRule = defineGradient({
  op: "Swish",
  inputs: activation("silu", "x", ({ alpha }) => ({ alpha: alpha as number })),
});
