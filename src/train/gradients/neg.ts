import { defineGradient } from "./define.ts";

export const negGradientRule = defineGradient({
  op: "Neg",
  inputs: (context) => [context.emit("Neg", [context.dy() as string])],
});
