import { activation } from "./activation.ts";
import { defineGradient } from "./define.ts";

export const eluGradientRule = defineGradient({
  op: "Elu",
  inputs: activation("elu", "x", ({ alpha }) => ({ alpha: alpha as number })),
});
