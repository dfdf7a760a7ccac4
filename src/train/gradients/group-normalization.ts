import { elementCount } from "../../tensor.ts";
import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";
import { normalized, normalizedBack } from "./normalized.ts";
import { sumTo } from "./sum-to.ts";

/** x as [N, groups, channels of one, pixels]; scale and bias go with groups before opset 21, with channels since. */
export const groupNormalizationGradientRule = defineGradient({
  op: "GroupNormalization",
  inputs(context) {
    const a = algebra(context);
    const { epsilon, numGroups } = context.attributes as { epsilon: number; numGroups: number };
    const dims = context.dims(context.x());
    const [batch, channels] = dims as [number, number];
    const grouped = [batch, numGroups, channels / numGroups, elementCount(dims.slice(2))];
    const parameter = [1, numGroups, context.node.opset < 21 ? 1 : channels / numGroups, 1];
    const [x, dy] = [context.x(), context.dy() as string].map((value) => a.reshape(value, grouped)) as [
      string,
      string,
    ];
    const axes = [2, 3];
    const norm = normalized(a, x, axes, epsilon);
    const toParameter = (gradient: string): string =>
      a.reshape(sumTo(context, gradient, parameter), context.dims(context.x(1)));
    const slope = () => a.mul(dy, a.reshape(context.x(1), parameter));
    return [
      context.wants(0) ? a.reshape(normalizedBack(a, norm, slope(), axes), dims) : undefined,
      context.wants(1) ? toParameter(a.mul(dy, norm.hat)) : undefined,
      context.wants(2) ? toParameter(dy) : undefined,
    ];
  },
});
