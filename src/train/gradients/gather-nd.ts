import { defineGradient } from "./define.ts";
import { zerosLike } from "./zeros.ts";

export const gatherNdGradientRule = defineGradient({
  op: "GatherND",
  inputs(context) {
    if (context.attributes.batchDims !== 0) return context.decline("it has batch_dims");
    const inputs = [zerosLike(context, context.x(0)), context.x(1), context.dy() as string];
    return [context.emit("ScatterND", inputs, { reduction: "add" })];
  },
});
