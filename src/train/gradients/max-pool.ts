import { defineGradient } from "./define.ts";

export const maxPoolGradientRule = defineGradient({
  op: "MaxPool",
  inputs: (context) => [
    context.emit("lanewise:MaxPoolGradient", [context.x(), context.dy() as string], context.attributes),
  ],
});
