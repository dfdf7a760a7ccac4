import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, placesOf, sameAs } from "../define.ts";
import { forEachChannelElement } from "../shared/channels.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

const INPUTS = ["x", "scale", "dy", "saved_mean", "saved_invstd"] as const;
const OUTPUTS = ["dx", "dscale", "dbias"] as const;
export const BATCH_NORM_GRADIENT = { in: placesOf(INPUTS), out: placesOf(OUTPUTS) };

/**
 * The gradients of BatchNormalizationTraining's y by x, scale and bias (Ioffe and Szegedy 2015, section 3), from what its
 * forward pass saved.
 */
export const batchNormalizationGradient = defineOp({
  type: "BatchNormalizationGradient",
  domain: "lanewise",
  since: [1],
  inputs: INPUTS,
  outputs: OUTPUTS,
  attributes: {},
  infer(context) {
    const x = context.fact(0);
    const vector = factOf(x.dtype, x.dims === undefined ? undefined : [x.dims[1] ?? 1]);
    return [sameAs(x), vector, vector];
  },
  evaluate(context) {
    const { x, saved_mean, saved_invstd, ...given } = context.tensors();
    const [source, scale, slopes] = [toNumbers(x), toNumbers(given.scale), toNumbers(given.dy)];
    const [mean, invStd] = [toNumbers(saved_mean), toNumbers(saved_invstd)];
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
});
