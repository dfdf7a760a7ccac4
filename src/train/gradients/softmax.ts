import { axisRange } from "../../ops/shared/softmax.ts";
import { algebra } from "./algebra.ts";
import { defineGradient, type GradientContext } from "./define.ts";

/** The axes that are normalised together. */
export function softmaxAxes(context: GradientContext): readonly number[] {
  const rank = context.dims(context.x()).length;
  const axis = context.attributes.axis as number | undefined;
  const [begin, end] = axisRange(rank, axis, context.node.opset);
  return Array.from({ length: Math.min(end, rank) - begin }, (_, i) => begin + i);
}

/** dx = y·(dy − Σ y·dy). */
export const softmaxGradientRule = defineGradient({
  op: "Softmax",
  inputs(context) {
    const a = algebra(context);
    const [dy, y] = [context.dy() as string, context.y()];
    return [a.mul(y, a.sub(dy, a.sum(a.mul(y, dy), softmaxAxes(context))))];
  },
});
