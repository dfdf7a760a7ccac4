import { defineGradient } from "./define.ts";

export const identityGradientRule = defineGradient({
  op: "Identity",
  inputs: (context) => [context.dy()],
});
