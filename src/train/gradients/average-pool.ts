import { defineGradient } from "./define.ts";

export const averagePoolGradientRule = defineGradient({
  op: "AveragePool",
  inputs(context) {
    const attributes = { ...context.attributes, inputShape: context.dims(context.x()).slice(2) };
    return [context.emit("lanewise:AveragePoolGradient", [context.dy() as string], attributes)];
  },
});
