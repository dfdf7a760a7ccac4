import { activation } from "./activation.ts";
import { defineGradient } from "./define.ts";

export const hardSigmoidGradientRule = defineGradient({
  op: "HardSigmoid",
  inputs: activation("hardSigmoid", "y", ({ alpha }) => ({ alpha: alpha as number })),
});
