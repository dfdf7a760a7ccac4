import { defineGradient } from "./define.ts";

export const triluGradientRule = defineGradient({
  op: "Trilu",
  inputs: (context) => [
    context.emit("Trilu", [context.dy() as string, ...context.node.inputs.slice(1)], {
      upper: context.attributes.upper,
    }),
  ],
});
