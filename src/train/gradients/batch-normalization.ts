import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";

/** By the running statistics in inference; in training by those of the batch, which then depend on x. */
export const batchNormalizationGradientRule = defineGradient({
  op: "BatchNormalization",
  inputs(context) {
    const dy = context.dy();
    const { opset, attributes, outputs } = context.node;
    if (dy === undefined) return context.decline("only its y has a gradient");
    if (opset < 9 && attributes.spatial === 0) return context.decline("it has statistics for each element");
    const a = algebra(context);
    const [x, scale, mean, variance] = [context.x(0), context.x(1), context.x(3), context.x(4)];
    const dims = context.dims(x);
    const byChannel = [dims[1] as number, ...dims.slice(2).map(() => 1)];
    const inverseOf = (value: string): string =>
      a.of("Reciprocal", a.of("Sqrt", a.add(value, attributes.epsilon as number)));
    const training =
      opset >= 14 ? attributes.trainingMode !== 0 : outputs.length > 1 && attributes.isTest === 0;
    if (training) {
      const axes = dims.map((_, axis) => axis).filter((axis) => axis !== 1);
      const centre = a.mean(x, axes);
      const inverse = inverseOf(a.mean(a.square(a.sub(x, centre)), axes));
      const saved = [centre, inverse].map((value) => a.reshape(value, [dims[1] as number]));
      return context.emitAll("lanewise:BatchNormalizationGradient", [x, scale, dy, ...saved], {}, 3);
    }
    const inverse = inverseOf(variance);
    const factor = a.mul(scale, inverse);
    const sum = (value: string): string => context.emit("lanewise:ChannelSum", [value]);
    const centred = () => sum(a.mul(dy, a.sub(x, a.reshape(mean, byChannel))));
    return [
      context.wants(0) ? a.mul(dy, a.reshape(factor, byChannel)) : undefined,
      context.wants(1) ? a.mul(centred(), inverse) : undefined,
      context.wants(2) ? sum(dy) : undefined,
      context.wants(3) ? a.of("Neg", a.mul(sum(dy), factor)) : undefined,
      context.wants(4) ? a.mul(centred(), a.mul(a.mul(factor, a.square(inverse)), -0.5)) : undefined,
    ];
  },
});
