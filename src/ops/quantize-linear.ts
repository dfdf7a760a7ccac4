import type { DType } from "../dtype.ts";
import type { Fact } from "../graph/graph.ts";
import { pairedRows, sameLayout } from "../kernels/elementwise/rows.ts";
import { defineOp, factOf, int } from "./define.ts";
import { checkDType, FLOATS } from "./shared/elementwise.ts";
import { dtypeOfOnnx } from "./shared/onnx-dtype.ts";
import { checkParameters, granularity, QUANTIZED, quantize } from "./shared/quantization.ts";
import { hasOneScale, isEightBit } from "./shared/quantized-lowering.ts";
import { atOwnPlace } from "./shared/receptive-field.ts";

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
  layout: ({ inputs, outputs }) =>
    inputs[0]?.dtype === "float32" && isEightBit(outputs[0]) ? "follow" : "rowMajor",
  strided: true,
  receptiveField: atOwnPlace,
  settings: true,

  infer(context) {
    const { dtype, dims } = context.fact(0);
    checkDType(context, "x", dtype, [...FLOATS, "int32"]);
    checkParameters(context, dims, context.fact(1), context.inputs[2]);
    return [factOf(outputType(context, context.inputs[2]), dims)];
  },

  evaluate(context) {
    const [x, scale, zero] = [context.tensor(0), context.tensor(1), context.optional(2)];
    const dtype = outputType(context, zero);
    const saturate = context.attributes.saturate !== 0;
    return [quantize(x, scale, zero, dtype, granularity(context, x.dims, scale.dims), saturate)];
  },

  lower: [
    {
      name: "quantize",
      when: (context) =>
        context.input(0).fact.dtype === "float32" &&
        isEightBit(context.output().fact) &&
        hasOneScale(context) &&
        sameLayout(context.input(0), context.output()),
      lower(context) {
        const [x, y] = [context.input(0), context.output()];
        const [rows, columns, ldx, ldy] = pairedRows(x, y);
        const signed = y.fact.dtype === "int8" ? 1 : 0;
        const [scale, zero] = [context.at(context.input(1)), context.at(context.inputs[2])];
        context.call(
          "f32_quantize",
          context.at(x),
          ldx,
          context.at(y),
          ldy,
          rows,
          columns,
          signed,
          scale,
          zero,
        );
      },
    },
  ],
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
