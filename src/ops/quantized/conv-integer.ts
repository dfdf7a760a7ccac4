import { defineOp, factOf } from "../define.ts";
import { checkAlike, checkDType } from "../elementwise/dtypes.ts";
import { convolutionMacs } from "../shared/macs.ts";
import { integerConv } from "./integer-conv.ts";
import { CONV_ATTRIBUTES, convWindow, inferConvDims } from "./integer-conv-op.ts";

/**
 * ConvInteger: the convolution of 8-bit tensors less their zero points, in int32.
 * https://onnx.ai/onnx/operators/onnx__ConvInteger.html
 */
export const convInteger = defineOp({
  type: "ConvInteger",
  since: [10],
  inputs: ["x", "w", "xZeroPoint?", "wZeroPoint?"],
  attributes: CONV_ATTRIBUTES,
  macs: convolutionMacs(1),

  infer(context) {
    for (const i of [0, 1])
      checkDType(context, ["x", "w"][i] as string, context.fact(i).dtype, ["int8", "uint8"]);
    checkAlike(context, { x_zero_point: 2 });
    checkAlike(context, { w_zero_point: 3 }, 1);
    const { x, w } = context.facts();
    return [factOf("int32", inferConvDims(context, x.dims, w.dims))];
  },

  evaluate(context) {
    const { x, w, xZeroPoint, wZeroPoint } = context.tensors();
    const window = convWindow(context, x.dims, w.dims);
    const sums = integerConv(x, w, xZeroPoint, wZeroPoint, window, context.attributes.group);
    const dims = [x.dims[0] as number, w.dims[0] as number, ...window.outputs];
    return [{ dtype: "int32", dims, data: sums }];
  },
});
