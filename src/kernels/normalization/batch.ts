import { dtypeInfo } from "../../dtype.ts";
import {
  BATCH_NORM as AT,
  type BatchNormAttributes,
  factorsOf,
  isAtRest,
} from "../../ops/normalization/batch-normalization.ts";
import { type Numbers, toNumbers } from "../../ops/shared/elements.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { activationArgs, isConstant, type LowerContext } from "../context.ts";
import { follow } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import type { Known } from "../site.ts";
import { pixelCount } from "../spatial-shape.ts";

const isFloatConstant = (value: Known): boolean =>
  isConstant(value) && dtypeInfo[value.fact.dtype].kind === "float";

/** Inference with constant parameters: a centre, a scale and a shift for each channel. */
export const batchNorm: Lowering<BatchNormAttributes, boolean> = {
  name: "scale_shift",
  resolve: (site) =>
    [site.input(0), site.output()].every(({ fact }) => fact.dtype === "float32") &&
    site.input(0).dims.length >= 2 &&
    [1, 2, 3, 4].every((i) => isFloatConstant(site.input(i))) &&
    isAtRest({ attributes: site.attributes, opset: site.opset, outputCount: site.outputs.length }),
  layouts: follow,
  apart: () => true,
  emit(context) {
    const [x, y] = [context.input(0), context.output()];
    const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]];
    const run = elementCount(spatial);
    const [from, to, parameters] = [context.at(x), context.at(y), packParameters(context, channels)];
    const activation = activationArgs(context.node.activation);
    if (x.layout === "channelsLast") {
      const tail = [to, y.pixelStride, pixelCount(x), channels, ...activation] as const;
      context.call("f32_scale_shift", from, x.pixelStride, ...parameters, ...tail);
    } else if (run === 1) {
      const tail = [to, channels, batch, channels, ...activation] as const;
      context.call("f32_scale_shift", from, channels, ...parameters, ...tail);
    } else {
      const tail = [to, batch * channels, run, channels, ...activation] as const;
      context.call("f32_scale_shift_rows", from, ...parameters, ...tail);
    }
  },
};

/** The centre, the scale and the shift of each channel, packed once. */
function packParameters(context: LowerContext<BatchNormAttributes>, channels: number) {
  const { epsilon } = context.attributes;
  const names = [1, 2, 3, 4].map((i) => context.input(i).name);
  const key = `batchnorm ${names.join(" ")} ${epsilon}`;
  const variance = () => toNumbers(context.input(AT.var).fact.data as TensorData);
  const pack = (i: number, map: (values: Numbers) => ArrayLike<number> = (values) => values) =>
    context.packed(context.input(i), `${key} ${i}`, Float32Array, channels, (source, target) =>
      target.set(map(toNumbers(source))),
    );
  return [
    pack(AT.mean),
    pack(AT.scale, (scale) => factorsOf(scale, variance(), epsilon)),
    pack(AT.b),
  ] as const;
}
