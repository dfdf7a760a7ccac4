import { float32Operands } from "../../kernels/elementwise/rows.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, sameAs } from "../define.ts";
import { coefficientsScratchBytes } from "../kernel-contract.ts";
import {
  channelRows,
  forEachChannelElement,
  isChannelRows,
  rowStride,
} from "../shared/batch-norm-training.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { imageLayouts } from "../shared/image-layouts.ts";

/**
 * The gradients of BatchNormalizationTraining's y by x, scale and bias (Ioffe and Szegedy 2015, section 3), from what its
 * forward pass saved.
 */
export const batchNormalizationGradient = defineOp({
  type: "BatchNormalizationGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["x", "scale", "dy", "saved_mean", "saved_invstd"],
  outputs: ["dx", "dscale", "dbias"],
  attributes: {},
  layout: imageLayouts(["channelsLast", "rowMajor", "channelsLast"], ["channelsLast"]),
  inPlace: [2],
  infer(context) {
    const x = context.fact(0);
    const vector = factOf(x.dtype, x.dims === undefined ? undefined : [x.dims[1] ?? 1]);
    return [sameAs(x), vector, vector];
  },
  evaluate(context) {
    const x = context.tensor(0);
    const numbers = (index: number) => toNumbers(context.tensor(index));
    const [source, scale, slopes, mean, invStd] = [
      numbers(0),
      numbers(1),
      numbers(2),
      numbers(3),
      numbers(4),
    ];
    const channels = x.dims[1] as number;
    const rows = elementCount(x.dims) / channels;
    const normal = (i: number, c: number): number =>
      ((source[i] as number) - (mean[c] as number)) * (invStd[c] as number);
    const [byScale, byBias] = [new Float64Array(channels), new Float64Array(channels)];
    forEachChannelElement(x, (i, c) => {
      byBias[c] = (byBias[c] as number) + (slopes[i] as number);
      byScale[c] = (byScale[c] as number) + (slopes[i] as number) * normal(i, c);
    });
    const result = new Float64Array(source.length);
    forEachChannelElement(x, (i, c) => {
      const apart = (byBias[c] as number) + normal(i, c) * (byScale[c] as number);
      result[i] = (scale[c] as number) * (invStd[c] as number) * ((slopes[i] as number) - apart / rows);
    });
    return [
      fromNumbers(x.dtype, x.dims, result),
      ...[byScale, byBias].map((values) => fromNumbers(x.dtype, [channels], values)),
    ];
  },
  lower: [
    {
      name: "channel_rows",
      when: (context) =>
        float32Operands(context) &&
        [context.input(0), context.input(2), context.output()].every(isChannelRows),
      lower(context) {
        const [x, dy, dx] = [context.input(0), context.input(2), context.output()];
        const { rows, channels, chunks, partial } = channelRows(context, x);
        const coefficients = context.scratch(coefficientsScratchBytes(channels));
        const vector = (index: number) => context.at(context.input(index));
        const [scale, mean, invStd] = [vector(1), vector(3), vector(4)];
        const both = [context.at(x), rowStride(x), context.at(dy), rowStride(dy)] as const;
        context.call("f32_batch_norm_gradient_sums", ...both, rows, channels, chunks, mean, partial);
        context.call(
          "f32_batch_norm_gradient_finish",
          ...[partial, rows, channels, chunks, scale, invStd],
          ...[context.at(context.output(1)), context.at(context.output(2)), coefficients],
        );
        const to = [context.at(dx), rowStride(dx)] as const;
        context.call("f32_batch_norm_gradient", ...both, ...to, rows, channels, mean, coefficients);
      },
    },
  ],
});
