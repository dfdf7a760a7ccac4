import { defineGradient } from "./define.ts";

export const globalAveragePoolGradientRule = defineGradient({
  op: "GlobalAveragePool",
  inputs(context) {
    const inputShape = context.dims(context.x()).slice(2);
    const attributes = { kernelShape: inputShape, inputShape };
    return [context.emit("lanewise:AveragePoolGradient", [context.dy() as string], attributes)];
  },
});
