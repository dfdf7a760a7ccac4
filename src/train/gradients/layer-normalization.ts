import { normalizeAxis } from "../../graph/dims.ts";
import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";
import { normalized, normalizedBack } from "./normalized.ts";
import { sumTo } from "./sum-to.ts";

export const layerNormalizationGradientRule = defineGradient({
  op: "LayerNormalization",
  inputs(context) {
    const dy = context.dy();
    if (dy === undefined || context.dy(1) !== undefined || context.dy(2) !== undefined)
      return context.decline("only its first output has a gradient");
    const a = algebra(context);
    const [x, scale, bias] = [context.x(0), context.x(1), context.x(2)];
    const { axis, epsilon } = context.attributes as Record<string, number>;
    const rank = context.dims(x).length;
    const first = normalizeAxis(axis as number, rank);
    const axes = Array.from({ length: rank - first }, (_, i) => first + i);
    const norm = normalized(a, x, axes, epsilon as number);
    return [
      context.wants(0) ? normalizedBack(a, norm, a.mul(dy, scale), axes) : undefined,
      context.wants(1) ? sumTo(context, a.mul(dy, norm.hat), context.dims(scale)) : undefined,
      context.wants(2) ? sumTo(context, dy, context.dims(bias)) : undefined,
    ];
  },
});
