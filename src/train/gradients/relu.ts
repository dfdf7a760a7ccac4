import { defineGradient } from "./define.ts";

export const reluGradientRule = defineGradient({
  op: "Relu",
  inputs: (context) => [context.emit("lanewise:ReluGradient", [context.dy() as string, context.y()])],
});
