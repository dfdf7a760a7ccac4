import { normalizeAxis } from "../../graph/dims.ts";
import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";
import { sumTo } from "./sum-to.ts";

export const rmsNormalizationGradientRule = defineGradient({
  op: "RMSNormalization",
  inputs(context) {
    const a = algebra(context);
    const [x, scale, dy] = [context.x(0), context.x(1), context.dy() as string];
    const { axis, epsilon } = context.attributes as Record<string, number>;
    const rank = context.dims(x).length;
    const first = normalizeAxis(axis as number, rank);
    const axes = Array.from({ length: rank - first }, (_, i) => first + i);
    const inverse = a.of("Reciprocal", a.of("Sqrt", a.add(a.mean(a.square(x), axes), epsilon as number)));
    const hat = a.mul(x, inverse);
    const slope = a.mul(dy, scale);
    const along = a.mul(hat, a.mean(a.mul(slope, hat), axes));
    return [
      context.wants(0) ? a.mul(inverse, a.sub(slope, along)) : undefined,
      context.wants(1) ? sumTo(context, a.mul(dy, hat), context.dims(scale)) : undefined,
    ];
  },
});
