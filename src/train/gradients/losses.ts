import { axisRange } from "../../ops/normalization/softmax-op.ts";
import { toNumbers } from "../../ops/shared/elements.ts";
import { algebra } from "./algebra.ts";
import type { GradientContext, GradientRules } from "./define.ts";

/** Losses, and the softmax that they are made of. */
export const lossGradients: GradientRules = {
  /** dx = y·(dy − Σ y·dy). */
  Softmax(context) {
    const a = algebra(context);
    const [dy, y] = [context.dy() as string, context.y()];
    return [a.mul(y, a.sub(dy, a.sum(a.mul(y, dy), softmaxAxes(context))))];
  },

  /** dx = dy − eʸ·Σ dy. */
  LogSoftmax(context) {
    const a = algebra(context);
    const dy = context.dy() as string;
    return [a.sub(dy, a.mul(a.of("Exp", context.y()), a.sum(dy, softmaxAxes(context))))];
  },

  NegativeLogLikelihoodLoss: (context) => [byLogProbabilities(context, context.dy() as string)],

  /** The loss of LogSoftmax along axis 1, which is the second output. */
  SoftmaxCrossEntropyLoss(context) {
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

  /** The forward pass gives the gradient by itself. */
  "lanewise:SoftmaxCrossEntropy": (context) => [
    scaledBy(context, context.y(1), context.dy() as string),
    undefined,
  ],
};

/** The axes that are normalised together. */
function softmaxAxes(context: GradientContext): readonly number[] {
  const rank = context.dims(context.x()).length;
  const axis = context.attributes.axis as number | undefined;
  const [begin, end] = axisRange(rank, axis, context.node.opset);
  return Array.from({ length: Math.min(end, rank) - begin }, (_, i) => begin + i);
}

/** The gradient by the log-probabilities, which have the dims of input 0. */
function byLogProbabilities(context: GradientContext, dy: string): string {
  if (context.wants(2)) return context.decline("its weights have no gradient");
  const { ignoreIndex, reduction } = context.attributes;
  const weights = context.x(2) === "" ? [] : [context.x(2)];
  return context.emit("lanewise:NegativeLogLikelihoodGradient", [dy, context.x(1), ...weights], {
    dims: context.dims(context.x(0)),
    reduction,
    ...(ignoreIndex !== undefined && { ignoreIndex }),
  });
}

/** A value times a scalar gradient; the value itself where that is known to be 1, as behind a loss. */
function scaledBy(context: GradientContext, value: string, scale: string): string {
  const known = context.constant(scale);
  if (known !== undefined && toNumbers(known).every((number) => number === 1)) return value;
  return context.emit("Mul", [value, scale]);
}
