import type { DType } from "../../dtype.ts";
import type { Fact } from "../../graph/graph.ts";
import { defineOp, factOf, int } from "../define.ts";
import { checkDType, FLOATS } from "../elementwise/dtypes.ts";
import { dtypeOfOnnx } from "../shared/onnx-dtype.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";
import { checkParameters, granularity, QUANTIZED, quantize } from "./quantization.ts";

/**
 * QuantizeLinear: saturate(round(x / scale) + zero point), halves to even; with one scale for all, for each slice of an
 * axis, or for each block along it.
 * https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html
 */
export const quantizeLinear = defineOp({
  type: "QuantizeLinear",
  since: [10, 13, 19, 21, 23, 24, 25, 28],
  inputs: ["x", "scale", "zeroPoint?"],
  attributes: { axis: int(1), blockSize: int(0), outputDtype: int(0), precision: int(0), saturate: int(1) },
  receptiveField: atOwnPlace,
  settings: true,

  infer(context) {
    const { x, scale, zeroPoint } = context.facts();
    checkDType(context, "x", x.dtype, [...FLOATS, "int32"]);
    checkParameters(context, x.dims, scale, zeroPoint);
    return [factOf(outputType(context, zeroPoint), x.dims)];
  },

  evaluate(context) {
    const { x, scale, zeroPoint: zero } = context.tensors();
    const dtype = outputType(context, zero);
    const saturate = context.attributes.saturate !== 0;
    return [quantize(x, scale, zero, dtype, granularity(context, x.dims, scale.dims), saturate)];
  },
});

/** That of the zero point; without one output_dtype, else uint8. */
function outputType(
  context: { readonly attributes: { readonly outputDtype: number }; failType(message: string): never },
  zeroPoint: Pick<Fact, "dtype"> | undefined,
): DType {
  const { outputDtype } = context.attributes;
  const named = outputDtype === 0 ? undefined : dtypeOfOnnx(context, outputDtype);
  if (named !== undefined && zeroPoint !== undefined && named !== zeroPoint.dtype) {
    context.failType(`output_dtype is ${named}, the zero point ${zeroPoint.dtype}`);
  }
  const dtype = zeroPoint?.dtype ?? named ?? "uint8";
  checkDType(context, "the output", dtype, QUANTIZED);
  return dtype;
}
