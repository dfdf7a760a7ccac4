import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";
import { byLogProbabilities } from "./negative-log-likelihood-loss.ts";

/** The loss of LogSoftmax along axis 1, which is the second output. */
export const softmaxCrossEntropyLossGradientRule = defineGradient({
  op: "SoftmaxCrossEntropyLoss",
  inputs(context) {
    const a = algebra(context);
    const [byLoss, byLog] = [context.dy(0), context.dy(1)];
    const parts = [
      ...(byLoss === undefined ? [] : [byLogProbabilities(context, byLoss)]),
      ...(byLog === undefined ? [] : [byLog]),
    ];
    const slope = parts.reduce(a.add);
    const log = context.y(1) || context.emit("LogSoftmax", [context.x(0)], { axis: 1 });
    return [a.sub(slope, a.mul(a.of("Exp", log), a.sum(slope, [1])))];
  },
});
