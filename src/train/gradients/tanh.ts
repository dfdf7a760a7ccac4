import { activation } from "./activation.ts";
import { defineGradient } from "./define.ts";

export const tanhGradientRule = defineGradient({
  op: "Tanh",
  inputs: activation("tanh", "y"),
});
