import { activation } from "./activation.ts";
import { defineGradient } from "./define.ts";

export const softplusGradientRule = defineGradient({
  op: "Softplus",
  inputs: activation("softplus", "x"),
});
