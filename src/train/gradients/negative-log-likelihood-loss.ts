import { defineGradient, type GradientContext } from "./define.ts";

/** The gradient by the log-probabilities, which have the dims of input 0. */
export function byLogProbabilities(context: GradientContext, dy: string): string {
  if (context.wants(2)) return context.decline("its weights have no gradient");
  const { ignoreIndex, reduction } = context.attributes;
  const weights = context.x(2) === "" ? [] : [context.x(2)];
  return context.emit("lanewise:NegativeLogLikelihoodGradient", [dy, context.x(1), ...weights], {
    dims: context.dims(context.x(0)),
    reduction,
    ...(ignoreIndex !== undefined && { ignoreIndex }),
  });
}

export const negativeLogLikelihoodLossGradientRule = defineGradient({
  op: "NegativeLogLikelihoodLoss",
  inputs: (context) => [byLogProbabilities(context, context.dy() as string)],
});
