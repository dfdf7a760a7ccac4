import { activation } from "./activation.ts";
import { defineGradient } from "./define.ts";

export const sigmoidGradientRule = defineGradient({
  op: "Sigmoid",
  inputs: activation("sigmoid", "y"),
});
