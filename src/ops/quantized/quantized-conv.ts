import { elementCount } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { integerConv } from "./integer-conv.ts";
import { CONV_ATTRIBUTES, convWindow, inferConvDims } from "./integer-conv-op.ts";
import { finishSums, PRODUCT_INPUTS, productDType } from "./quantized-product.ts";

/**
 * QuantizedConv: DequantizeLinear of x, w and bias, Conv, Relu or Clip and QuantizeLinear in one, the sums in int32;
 * without yScale the result is float32. Inserted by the pass "fuse quantized" only.
 */
export const quantizedConv = defineOp({
  type: "QuantizedConv",
  domain: "lanewise",
  since: [1],
  inputs: PRODUCT_INPUTS,
  attributes: CONV_ATTRIBUTES,

  infer(context) {
    const { x, w } = context.facts();
    return [factOf(productDType(context), inferConvDims(context, x.dims, w.dims))];
  },

  evaluate(context) {
    const { x, w, xZeroPoint, wZeroPoint } = context.tensors();
    const window = convWindow(context, x.dims, w.dims);
    const { group } = context.attributes;
    const sums = integerConv(x, w, xZeroPoint, wZeroPoint, window, group);
    const outC = w.dims[0] as number;
    const dims = [x.dims[0] as number, outC, ...window.outputs];
    return [finishSums(context, sums, dims, elementCount(window.outputs), outC)];
  },
});
