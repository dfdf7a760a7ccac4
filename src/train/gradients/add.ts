import { defineGradient } from "./define.ts";
import { sumTo } from "./sum-to.ts";

export const addGradientRule = defineGradient({
  op: "Add",
  inputs: (context) =>
    [0, 1].map((i) =>
      context.wants(i) ? sumTo(context, context.dy() as string, context.dims(context.x(i))) : undefined,
    ),
});
