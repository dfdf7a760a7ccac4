import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";
import { normalized, normalizedBack } from "./normalized.ts";

export const instanceNormalizationGradientRule = defineGradient({
  op: "InstanceNormalization",
  inputs(context) {
    const a = algebra(context);
    const [x, scale, dy] = [context.x(0), context.x(1), context.dy() as string];
    const [channels, ...spatial] = context.dims(x).slice(1) as [number, ...number[]];
    const axes = spatial.map((_, i) => i + 2);
    const norm = normalized(a, x, axes, context.attributes.epsilon as number);
    const byChannel = a.reshape(scale, [channels, ...spatial.map(() => 1)]);
    return [
      context.wants(0) ? normalizedBack(a, norm, a.mul(dy, byChannel), axes) : undefined,
      context.wants(1) ? context.emit("lanewise:ChannelSum", [a.mul(dy, norm.hat)]) : undefined,
      context.wants(2) ? context.emit("lanewise:ChannelSum", [dy]) : undefined,
    ];
  },
});
