import { defineGradient } from "./define.ts";

export const batchNormalizationTrainingGradientRule = defineGradient({
  op: "BatchNormalizationTraining",
  domain: "lanewise",
  inputs(context) {
    const dy = context.dy();
    if (dy === undefined) return context.decline("only its y has a gradient");
    const inputs = [context.x(0), context.x(1), dy, context.y(3), context.y(4)];
    return context.emitAll("lanewise:BatchNormalizationGradient", inputs, {}, 3);
  },
});
