import { defineGradient } from "./define.ts";
import { scaledBy } from "./scaled-by.ts";

/** The forward pass gives the gradient by itself. */
export const softmaxCrossEntropyGradientRule = defineGradient({
  op: "SoftmaxCrossEntropy",
  domain: "lanewise",
  inputs: (context) => [scaledBy(context, context.y(1), context.dy() as string), undefined],
});
