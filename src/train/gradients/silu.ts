import { activation } from "./activation.ts";
import { defineGradient } from "./define.ts";

export const siluGradientRule = defineGradient({
  op: "Silu",
  domain: "lanewise",
  inputs: activation("silu", "x", ({ alpha }) => ({ alpha: alpha as number })),
});
