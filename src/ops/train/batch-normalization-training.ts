import { isFloat } from "../../dtype.ts";
import { float32Operands } from "../../kernels/elementwise/rows.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, float, sameAs } from "../define.ts";
import { asFloat } from "../kernel-arguments.ts";
import { channelsScratchBytes } from "../kernel-contract.ts";
import { activationArgs } from "../lowering.ts";
import {
  channelRows,
  forEachChannelElement,
  isChannelRows,
  rowStride,
} from "../shared/batch-norm-training.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { activate } from "../shared/fused-activation.ts";
import { imageLayouts } from "../shared/image-layouts.ts";

/**
 * BatchNormalization with the batch's own statistics (Ioffe and Szegedy 2015, algorithm 1): y = (x − mean)·invstd·scale +
 * bias for each channel of x[N, C, …], running statistics ← momentum·running + (1 − momentum)·batch's with the variance
 * of the population, as ONNX has it; and what the gradient takes.
 */
export const batchNormalizationTraining = defineOp({
  type: "BatchNormalizationTraining",
  domain: "lanewise",
  since: [1],
  inputs: ["x", "scale", "bias", "mean", "var"],
  outputs: ["y", "running_mean", "running_var", "saved_mean", "saved_invstd"],
  attributes: { epsilon: float(1e-5), momentum: float(0.9) },
  layout: imageLayouts(["channelsLast"], ["channelsLast"]),
  inPlaceOf: { 1: 3, 2: 4 },
  infer(context) {
    const x = context.fact(0);
    if (!isFloat(x.dtype)) context.failType(`x must be a float tensor, got ${x.dtype}`);
    const statistics = factOf(x.dtype, x.dims === undefined ? undefined : [x.dims[1] ?? 1]);
    return [sameAs(x), statistics, statistics, statistics, statistics];
  },
  evaluate(context) {
    const x = context.tensor(0);
    const numbers = (index: number) => toNumbers(context.tensor(index));
    const [scale, bias, oldMean, oldVar] = [numbers(1), numbers(2), numbers(3), numbers(4)];
    const { epsilon, momentum } = context.attributes;
    const channels = x.dims[1] as number;
    const rows = elementCount(x.dims) / channels;
    const source = toNumbers(x);
    const mean = new Float64Array(channels);
    forEachChannelElement(x, (i, c) => {
      mean[c] = (mean[c] as number) + (source[i] as number) / rows;
    });
    const variance = new Float64Array(channels);
    forEachChannelElement(x, (i, c) => {
      variance[c] = (variance[c] as number) + ((source[i] as number) - (mean[c] as number)) ** 2 / rows;
    });
    const invStd = variance.map((value) => 1 / Math.sqrt(value + epsilon));
    const result = new Float64Array(source.length);
    forEachChannelElement(x, (i, c) => {
      const normal = ((source[i] as number) - (mean[c] as number)) * (invStd[c] as number);
      result[i] = normal * (scale[c] as number) + (bias[c] as number);
    });
    activate(context.node.activation, result);
    const moved = (old: ArrayLike<number>, now: Float64Array) =>
      now.map((value, c) => momentum * (old[c] as number) + (1 - momentum) * value);
    const vectors = [moved(oldMean, mean), moved(oldVar, variance), mean, invStd];
    return [
      fromNumbers(x.dtype, x.dims, result),
      ...vectors.map((values) => fromNumbers(x.dtype, [channels], values)),
    ];
  },
  lower: [
    {
      name: "channel_rows",
      when: (context) =>
        float32Operands(context) && isChannelRows(context.input(0)) && isChannelRows(context.output()),
      lower(context) {
        const [x, y] = [context.input(0), context.output()];
        const { rows, channels, chunks, partial } = channelRows(context, x);
        const { epsilon, momentum } = context.attributes;
        const room = channelsScratchBytes(channels);
        const [factor, offset] = [context.scratch(room), context.scratch(room)];
        const [at, ldx] = [context.at(x), rowStride(x)];
        context.call("f32_channel_moments", at, ldx, rows, channels, chunks, partial);
        const input = (index: number) => context.at(context.input(index));
        const output = (index: number) => context.at(context.output(index));
        context.call(
          "f32_batch_norm_finish",
          partial,
          rows,
          channels,
          chunks,
          input(1),
          input(2),
          input(3),
          input(4),
          asFloat(momentum),
          asFloat(epsilon),
          output(1),
          output(2),
          output(3),
          output(4),
          factor,
          offset,
        );
        const mean = output(3);
        context.call(
          "f32_scale_shift",
          ...[at, ldx, mean, factor, offset, context.at(y), rowStride(y), rows, channels],
          ...activationArgs(context.node.activation),
        );
      },
    },
  ],
});
