import { showDims } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, factOf, int } from "../../define.ts";
import { checkDType } from "../../elementwise/dtypes.ts";
import { scalarOf } from "../../shared/axes.ts";
import { toNumbers } from "../../shared/elements.ts";
import { requantize } from "../requantize.ts";

/**
 * QLinearGlobalAveragePool: the mean of each channel of a quantised image, quantised again.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearGlobalAveragePool
 */
export const qLinearGlobalAveragePool = defineOp({
  type: "QLinearGlobalAveragePool",
  domain: "com.microsoft",
  since: [1],
  inputs: ["x", "xScale", "xZeroPoint", "yScale", "yZeroPoint"],
  attributes: { channelsLast: int(0) },

  infer(context) {
    const { dtype, dims } = context.fact(0);
    checkDType(context, "x", dtype, ["int8", "uint8"]);
    if (dims !== undefined && dims.length < 3) context.fail(`x needs spatial axes, got ${showDims(dims)}`);
    return [factOf(dtype, dims && pooled(dims, context.attributes.channelsLast))];
  },

  evaluate(context) {
    const { x, ...given } = context.tensors();
    const { channelsLast } = context.attributes;
    const dims = pooled(x.dims, channelsLast) as number[];
    const outputs = elementCount(dims);
    const channels = dims[channelsLast === 0 ? 1 : dims.length - 1] as number;
    const count = outputs === 0 ? 0 : elementCount(x.dims) / outputs;
    const sums = new Int32Array(outputs);
    const source = toNumbers(x);
    for (let i = 0; i < source.length; i++) {
      const image = Math.floor(i / (channels * count)) * channels;
      const at = channelsLast === 0 ? Math.floor(i / count) : image + (i % channels);
      sums[at] = (sums[at] as number) + (source[i] as number);
    }
    const zero = scalarOf(context, given.xZeroPoint, "x_zero_point");
    for (let i = 0; i < outputs; i++) sums[i] = (sums[i] as number) - zero * count;
    const xScale = scalarOf(context, given.xScale, "x_scale");
    const yScale = scalarOf(context, given.yScale, "y_scale");
    const scale = Float32Array.of(xScale / Math.fround(yScale * count));
    const yZero = scalarOf(context, given.yZeroPoint, "y_zero_point");
    return [requantize(sums, dims, scale, outputs, yZero, x.dtype)];
  },
});

/** The dims with every spatial size 1. */
const pooled = (dims: readonly Dim[], channelsLast: number): Dim[] => {
  const channelAxis = channelsLast === 0 ? 1 : dims.length - 1;
  return dims.map((dim, axis) => (axis === 0 || axis === channelAxis ? dim : 1));
};
