import { elementCount } from "../tensor.ts";
import { defineOp, factOf } from "./define.ts";
import { isConstant } from "./lowering.ts";
import { checkAlike, checkDType } from "./shared/elementwise.ts";
import { integerConv } from "./shared/integer-conv.ts";
import { CONV_ATTRIBUTES, convWindow, inferConvDims } from "./shared/integer-conv-op.ts";
import { convolutionMacs } from "./shared/macs.ts";
import { emitSums } from "./shared/quantized-lowering.ts";
import { quantizedConvWeights } from "./shared/quantized-packing.ts";
import { spatialShape } from "./shared/spatial.ts";

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
    return [factOf("int32", inferConvDims(context, 0, 1))];
  },

  evaluate(context) {
    const [x, w] = [context.tensor(0), context.tensor(1)];
    const window = convWindow(context, x.dims, w.dims);
    const sums = integerConv(
      x,
      w,
      context.optional(2),
      context.optional(3),
      window,
      context.attributes.group,
    );
    const dims = [x.dims[0] as number, w.dims[0] as number, ...window.outputs];
    return [{ dtype: "int32", dims, data: sums }];
  },

  lower: [
    {
      // Row-major on both sides: what stays an int32 tensor is rare, and "fuse quantized" takes the rest.
      name: "transposed",
      when(context) {
        const [x, w, xZero, wZero] = context.inputs;
        const rank = x?.dims.length;
        const scalar = (zero: typeof x) => zero === undefined || elementCount(zero.dims) === 1;
        const known = isConstant(w) && (wZero === undefined || isConstant(wZero));
        return (rank === 3 || rank === 4) && known && scalar(xZero) && !x?.dims.includes(0);
      },
      lower(context) {
        const [x, w, y] = [context.input(0), context.input(1), context.output()];
        const { group } = context.attributes;
        const window = convWindow(context, x.dims, w.dims);
        const [batch, inC] = x.dims as [number, number];
        const outC = y.dims[1] as number;
        const [inPixels, outPixels] = [elementCount(x.dims.slice(2)), elementCount(y.dims.slice(2))];
        const [from, to] = [
          context.scratch(batch * inC * inPixels),
          context.scratch(4 * batch * outC * outPixels),
        ];
        const plane = inC * inPixels;
        context.call("x8_transpose", context.at(x), inPixels, from, inC, inC, inPixels, batch, plane, plane);
        const shape = spatialShape({ ...x, pixelStride: inC }, { ...y, pixelStride: outC }, window, group);
        const weights = quantizedConvWeights(context, w, context.inputs[3], group);
        emitSums(context, shape, from, weights, to, elementCount(w.dims.slice(1)));
        const sums = outC * outPixels;
        context.call("x32_transpose", to, outC, context.at(y), outPixels, outPixels, outC, batch, sums, sums);
      },
    },
  ],
});
