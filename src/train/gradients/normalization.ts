import { normalizeAxis } from "../../graph/dims.ts";
import { fromNumbers } from "../../ops/shared/elements.ts";
import { elementCount } from "../../tensor.ts";
import { type Algebra, algebra } from "./algebra.ts";
import { sumTo } from "./broadcasting.ts";
import type { GradientRules } from "./define.ts";

export const normalizationGradients: GradientRules = {
  /** By the running statistics in inference; in training by those of the batch, which then depend on x. */
  BatchNormalization(context) {
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

  "lanewise:BatchNormalizationTraining"(context) {
    const dy = context.dy();
    if (dy === undefined) return context.decline("only its y has a gradient");
    const inputs = [context.x(0), context.x(1), dy, context.y(3), context.y(4)];
    return context.emitAll("lanewise:BatchNormalizationGradient", inputs, {}, 3);
  },

  InstanceNormalization(context) {
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

  /** x as [N, groups, channels of one, pixels]; scale and bias go with groups before opset 21, with channels since. */
  GroupNormalization(context) {
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

  LayerNormalization(context) {
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

  RMSNormalization(context) {
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

  /**
   * y = x·s^−β with s = bias + α/size·Σ x² over the channels around. So dx = dy·s^−β − 2αβ/size·x·Σ dy·x·s^(−β−1), the sum
   * over the channels that x had a part in. Both sums are convolutions with a band of ones.
   */
  LRN(context) {
    const a = algebra(context);
    const { alpha, beta, bias, size } = context.attributes as {
      alpha: number;
      beta: number;
      bias: number;
      size: number;
    };
    const dims = context.dims(context.x());
    const channels = dims[1] as number;
    const image = dims.length > 2 ? dims : [...dims, 1];
    const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
    const around = (value: string, down: number, up: number): string => {
      const band = Float64Array.from({ length: channels * channels }, (_, i) => {
        const apart = (i % channels) - Math.floor(i / channels);
        return apart >= -down && apart <= up ? 1 : 0;
      });
      const shape = [channels, channels, ...image.slice(2).map(() => 1)];
      const w = context.tensor(fromNumbers(context.dtype(value), shape, band));
      return a.reshape(context.emit("Conv", [a.reshape(value, image), w]), dims);
    };
    const [x, dy] = [context.x(), context.dy() as string];
    const s = a.add(a.mul(around(a.square(x), before, after), alpha / size), bias);
    const direct = a.mul(dy, a.pow(s, -beta));
    const others = around(a.div(a.mul(direct, x), s), after, before);
    return [a.sub(direct, a.mul(a.mul(x, others), (2 * alpha * beta) / size))];
  },
};

/** x with mean 0 and variance 1 over some axes, as the forward pass made it. */
interface Normalized {
  readonly hat: string;
  /** 1 / √(variance + epsilon). */
  readonly inverse: string;
}

function normalized(a: Algebra, x: string, axes: readonly number[], epsilon: number): Normalized {
  const centred = a.sub(x, a.mean(x, axes));
  const inverse = a.of("Reciprocal", a.of("Sqrt", a.add(a.mean(a.square(centred), axes), epsilon)));
  return { hat: a.mul(centred, inverse), inverse };
}

/** The gradient by x, given the one by what x became (Ioffe and Szegedy 2015, section 3). */
function normalizedBack(
  a: Algebra,
  { hat, inverse }: Normalized,
  slope: string,
  axes: readonly number[],
): string {
  const along = a.mul(hat, a.mean(a.mul(slope, hat), axes));
  return a.mul(inverse, a.sub(a.sub(slope, a.mean(slope, axes)), along));
}
