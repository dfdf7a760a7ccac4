import { activation } from "./activation.ts";
import { defineGradient } from "./define.ts";

export const leakyReluGradientRule = defineGradient({
  op: "LeakyRelu",
  inputs: activation("leakyRelu", "x", ({ alpha }) => ({ alpha: alpha as number })),
});
