import { activation } from "./activation.ts";
import { defineGradient } from "./define.ts";

export const hardSwishGradientRule = defineGradient({
  op: "HardSwish",
  inputs: activation("hardSwish", "x"),
});
