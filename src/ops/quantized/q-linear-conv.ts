import { elementCount } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { checkAlike, checkDType, FLOATS } from "../elementwise/dtypes.ts";
import { scalarOf } from "../shared/axes.ts";
import { toNumbers } from "../shared/elements.ts";
import { convolutionMacs } from "../shared/macs.ts";
import { integerConv } from "./integer-conv.ts";
import { CONV_ATTRIBUTES, convWindow, inferConvDims } from "./integer-conv-op.ts";
import { outputScales, requantize } from "./requantize.ts";

/**
 * QLinearConv: a convolution of quantised tensors to a quantised one; the weight's scale and zero point may differ from
 * output channel to output channel, and the bias is in units of the product of the scales.
 * https://onnx.ai/onnx/operators/onnx__QLinearConv.html
 */
export const qLinearConv = defineOp({
  type: "QLinearConv",
  since: [10],
  inputs: ["x", "xScale", "xZeroPoint", "w", "wScale", "wZeroPoint", "yScale", "yZeroPoint", "bias?"],
  attributes: CONV_ATTRIBUTES,
  macs: convolutionMacs(3),

  infer(context) {
    for (const i of [0, 3, 7]) checkDType(context, `input ${i}`, context.fact(i).dtype, ["int8", "uint8"]);
    for (const i of [1, 4, 6]) checkDType(context, `input ${i}`, context.fact(i).dtype, FLOATS);
    checkAlike(context, { "the first zero point": 2 });
    checkAlike(context, { "the second zero point": 5 }, 3);
    const { x, w, yZeroPoint } = context.facts();
    return [factOf(yZeroPoint.dtype, inferConvDims(context, x.dims, w.dims))];
  },

  evaluate(context) {
    const { x, w, yZeroPoint: yZero, bias, ...given } = context.tensors();
    const window = convWindow(context, x.dims, w.dims);
    const outC = w.dims[0] as number;
    const sums = integerConv(x, w, given.xZeroPoint, given.wZeroPoint, window, context.attributes.group);
    const plane = elementCount(window.outputs);
    if (bias !== undefined) addBias(sums, toNumbers(bias), plane);
    const wScales = toNumbers(given.wScale);
    if (wScales.length !== 1 && wScales.length !== outC)
      context.fail(`w_scale needs 1 or ${outC} elements, got ${wScales.length}`);
    const scales = outputScales(
      scalarOf(context, given.xScale, "x_scale"),
      wScales,
      scalarOf(context, given.yScale, "y_scale"),
    );
    const dims = [x.dims[0] as number, outC, ...window.outputs];
    return [requantize(sums, dims, scales, plane, scalarOf(context, yZero, "y_zero_point"), yZero.dtype)];
  },
});

function addBias(sums: Int32Array, bias: ArrayLike<number>, plane: number): void {
  for (let i = 0, m = 0; i < sums.length; m = (m + 1) % bias.length) {
    for (const end = i + plane; i < end; i++) sums[i] = (sums[i] as number) + (bias[m] as number);
  }
}
