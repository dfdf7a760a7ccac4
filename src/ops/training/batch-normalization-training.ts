import { isFloat } from "../../dtype.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, float, placesOf, sameAs } from "../define.ts";
import { activate } from "../elementwise/fused-activation.ts";
import { forEachChannelElement } from "../shared/channels.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

const INPUTS = ["x", "scale", "bias", "mean", "var"] as const;
const OUTPUTS = ["y", "running_mean", "running_var", "saved_mean", "saved_invstd"] as const;
export const BATCH_NORM_TRAINING = { in: placesOf(INPUTS), out: placesOf(OUTPUTS) };

/**
 * BatchNormalization with the batch's own statistics (Ioffe and Szegedy 2015, algorithm 1): y = (x − mean)·invstd·scale +
 * bias for each channel of x[N, C, …], running statistics ← momentum·running + (1 − momentum)·batch's with the variance
 * of the population, as ONNX has it; and what the gradient takes.
 */
export const batchNormalizationTraining = defineOp({
  type: "BatchNormalizationTraining",
  domain: "lanewise",
  since: [1],
  inputs: INPUTS,
  outputs: OUTPUTS,
  attributes: { epsilon: float(1e-5), momentum: float(0.9) },
  infer(context) {
    const x = context.fact(0);
    if (!isFloat(x.dtype)) context.failType(`x must be a float tensor, got ${x.dtype}`);
    const statistics = factOf(x.dtype, x.dims === undefined ? undefined : [x.dims[1] ?? 1]);
    return [sameAs(x), statistics, statistics, statistics, statistics];
  },
  evaluate(context) {
    const { x, ...vectors } = context.tensors();
    const numbers = (name: keyof typeof vectors) => toNumbers(vectors[name]);
    const [scale, bias, oldMean, oldVar] = [
      numbers("scale"),
      numbers("bias"),
      numbers("mean"),
      numbers("var"),
    ];
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
    const statistics = [moved(oldMean, mean), moved(oldVar, variance), mean, invStd];
    return [
      fromNumbers(x.dtype, x.dims, result),
      ...statistics.map((values) => fromNumbers(x.dtype, [channels], values)),
    ];
  },
});
