import { defineGradient } from "./define.ts";

export const lpPoolGradientRule = defineGradient({
  op: "LpPool",
  inputs: (context) => [
    context.emit(
      "lanewise:LpPoolGradient",
      [context.x(), context.y(), context.dy() as string],
      context.attributes,
    ),
  ],
});
