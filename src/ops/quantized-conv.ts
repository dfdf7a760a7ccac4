import { elementCount } from "../tensor.ts";
import { defineOp, factOf } from "./define.ts";
import { i8ConvScratchBytes, i8DepthwiseScratchBytes, type SpatialShape } from "./kernel-contract.ts";
import type { LowerContext } from "./lowering.ts";
import { integerConv } from "./shared/integer-conv.ts";
import { CONV_ATTRIBUTES, convWindow, inferConvDims } from "./shared/integer-conv-op.ts";
import { quantizedConvWeights, quantizedDepthwiseWeights } from "./shared/quantized-packing.ts";
import {
  finishSums,
  inputArguments,
  isProductLowerable,
  outputArguments,
  PRODUCT_INPUTS,
  productDType,
  scaleArguments,
} from "./shared/quantized-product.ts";
import { isImage, spatialShape, type Window } from "./shared/spatial.ts";

type Context = LowerContext<Parameters<typeof convWindow>[0]["attributes"]>;

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
  layout: ({ inputs }) => {
    const rank = inputs[0]?.dims?.length;
    return rank === 3 || rank === 4 ? "channelsLast" : "rowMajor";
  },
  strided: true,

  infer: (context) => [factOf(productDType(context), inferConvDims(context, 0, 3))],

  evaluate(context) {
    const [x, w] = [context.tensor(0), context.tensor(3)];
    const window = convWindow(context, x.dims, w.dims);
    const { group } = context.attributes;
    const sums = integerConv(x, w, context.optional(2), context.optional(5), window, group);
    const outC = w.dims[0] as number;
    const dims = [x.dims[0] as number, outC, ...window.outputs];
    return [finishSums(context, sums, dims, elementCount(window.outputs), outC)];
  },

  lower: [
    {
      name: "depthwise",
      when: (context) => isLowerable(context) && isDepthwise(context),
      lower(context) {
        const shape = shapeOf(context);
        const weights = quantizedDepthwiseWeights(context, context.input(3), context.inputs[5]);
        emit(context, "i8_dwconv", shape, weights, i8DepthwiseScratchBytes(shape) * context.parts);
      },
    },
    {
      name: "generic",
      when: (context) => isLowerable(context),
      lower(context) {
        const w = context.input(3);
        const weights = quantizedConvWeights(context, w, context.inputs[5], context.attributes.group);
        const depth = elementCount(w.dims.slice(1));
        emit(context, "i8_conv", shapeOf(context), weights, i8ConvScratchBytes(depth) * context.parts);
      },
    },
  ],
});

const isLowerable = (context: Context): boolean =>
  isProductLowerable(context) && isImage(context.input(0)) && isImage(context.output());

/** One filter for each channel. */
const isDepthwise = (context: Context): boolean =>
  context.attributes.group === context.input(0).dims[1] &&
  context.attributes.group === context.input(3).dims[0];

const windowOf = (context: Context): Window =>
  convWindow(context, context.input(0).dims, context.input(3).dims);

const shapeOf = (context: Context): SpatialShape =>
  spatialShape(context.input(0), context.output(), windowOf(context), context.attributes.group);

function emit(
  context: Context,
  kernel: "i8_conv" | "i8_dwconv",
  shape: SpatialShape,
  weights: ReturnType<typeof quantizedConvWeights>,
  scratchBytes: number,
): void {
  context.call(
    kernel,
    context.struct("SpatialShape", shape),
    context.at(context.input(0)),
    ...inputArguments(context),
    weights,
    ...scaleArguments(context, context.input(3).dims[0] as number),
    context.at(context.output()),
    ...outputArguments(context, elementCount(context.input(3).dims.slice(1))),
    context.scratch(scratchBytes),
  );
}
