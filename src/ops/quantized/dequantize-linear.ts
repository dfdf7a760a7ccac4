import type { DType } from "../../dtype.ts";
import { defineOp, factOf, int } from "../define.ts";
import { checkDType, FLOATS } from "../elementwise/dtypes.ts";
import { dtypeOfOnnx } from "../shared/onnx-dtype.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";
import { checkParameters, dequantize, granularity, QUANTIZED } from "./quantization.ts";

/**
 * DequantizeLinear: (x - zero point)·scale; with one scale for all, for each slice of an axis, or for each block along it.
 * https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html
 */
export const dequantizeLinear = defineOp({
  type: "DequantizeLinear",
  since: [10, 13, 19, 21, 23, 24, 25, 28],
  inputs: ["x", "scale", "zeroPoint?"],
  attributes: { axis: int(1), blockSize: int(0), outputDtype: int(0) },
  receptiveField: atOwnPlace,
  settings: true,

  infer(context) {
    const { x, scale, zeroPoint: zero } = context.facts();
    const { dtype, dims } = x;
    checkDType(context, "x", dtype, [...QUANTIZED, "int32"]);
    checkParameters(context, dims, scale, zero);
    if (zero !== undefined && zero.dtype !== dtype)
      context.failType(`zero point must be ${dtype} like x, got ${zero.dtype}`);
    return [factOf(outputType(context, scale.dtype), dims)];
  },

  evaluate(context) {
    const { x, scale, zeroPoint: zero } = context.tensors();
    return [
      dequantize(x, scale, zero, outputType(context, scale.dtype), granularity(context, x.dims, scale.dims)),
    ];
  },
});

function outputType(
  context: { readonly attributes: { readonly outputDtype: number }; failType(message: string): never },
  scale: DType,
): DType {
  const { outputDtype } = context.attributes;
  const dtype = outputDtype === 0 ? scale : dtypeOfOnnx(context, outputDtype);
  checkDType(context, "the output", dtype, FLOATS);
  return dtype;
}
