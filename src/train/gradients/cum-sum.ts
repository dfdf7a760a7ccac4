import { defineGradient } from "./define.ts";

export const cumSumGradientRule = defineGradient({
  op: "CumSum",
  inputs(context) {
    const { exclusive, reverse } = context.attributes;
    const attributes = { exclusive, reverse: 1 - (reverse as number) };
    return [context.emit("CumSum", [context.dy() as string, context.x(1)], attributes)];
  },
});
