import { defineGradient } from "./define.ts";
import { sumTo } from "./sum-to.ts";

export const sumGradientRule = defineGradient({
  op: "Sum",
  inputs: (context) =>
    context.node.inputs.map((name, i) =>
      context.wants(i) ? sumTo(context, context.dy() as string, context.dims(name)) : undefined,
    ),
});
