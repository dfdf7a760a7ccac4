import type { DType } from "../dtype.ts";
import { pairedRows, sameLayout } from "../kernels/elementwise/rows.ts";
import { defineOp, factOf, int } from "./define.ts";
import { checkDType, FLOATS } from "./shared/elementwise.ts";
import { dtypeOfOnnx } from "./shared/onnx-dtype.ts";
import { checkParameters, dequantize, granularity, QUANTIZED } from "./shared/quantization.ts";
import { hasOneScale, isEightBit } from "./shared/quantized-lowering.ts";
import { atOwnPlace } from "./shared/receptive-field.ts";

/**
 * DequantizeLinear: (x - zero point)·scale; with one scale for all, for each slice of an axis, or for each block along it.
 * https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html
 */
export const dequantizeLinear = defineOp({
  type: "DequantizeLinear",
  since: [10, 13, 19, 21, 23, 24, 25, 28],
  inputs: ["x", "scale", "zeroPoint?"],
  attributes: { axis: int(1), blockSize: int(0), outputDtype: int(0) },
  layout: ({ inputs, outputs }) =>
    isEightBit(inputs[0]) && outputs[0]?.dtype === "float32" ? "follow" : "rowMajor",
  strided: true,
  receptiveField: atOwnPlace,
  settings: true,

  infer(context) {
    const { dtype, dims } = context.fact(0);
    const scale = context.fact(1);
    const zero = context.inputs[2];
    checkDType(context, "x", dtype, [...QUANTIZED, "int32"]);
    checkParameters(context, dims, scale, zero);
    if (zero !== undefined && zero.dtype !== dtype)
      context.failType(`zero point must be ${dtype} like x, got ${zero.dtype}`);
    return [factOf(outputType(context, scale.dtype), dims)];
  },

  evaluate(context) {
    const [x, scale, zero] = [context.tensor(0), context.tensor(1), context.optional(2)];
    return [
      dequantize(x, scale, zero, outputType(context, scale.dtype), granularity(context, x.dims, scale.dims)),
    ];
  },

  lower: [
    {
      name: "dequantize",
      when: (context) =>
        isEightBit(context.input(0).fact) &&
        context.output().fact.dtype === "float32" &&
        hasOneScale(context) &&
        sameLayout(context.input(0), context.output()),
      lower(context) {
        const [x, y] = [context.input(0), context.output()];
        const [rows, columns, ldx, ldy] = pairedRows(x, y);
        const signed = x.fact.dtype === "int8" ? 1 : 0;
        const [scale, zero] = [context.at(context.input(1)), context.at(context.inputs[2])];
        context.call(
          "i8_dequantize",
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

function outputType(
  context: { readonly attributes: { readonly outputDtype: number }; failType(message: string): never },
  scale: DType,
): DType {
  const { outputDtype } = context.attributes;
  const dtype = outputDtype === 0 ? scale : dtypeOfOnnx(context, outputDtype);
  checkDType(context, "the output", dtype, FLOATS);
  return dtype;
}
