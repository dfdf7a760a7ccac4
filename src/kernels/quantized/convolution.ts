import { type ConvAttributes, convWindow } from "../../ops/quantized/integer-conv-op.ts";
import { PRODUCT_AT as AT } from "../../ops/quantized/quantized-product.ts";
import type { Window } from "../../ops/shared/window.ts";
import { elementCount } from "../../tensor.ts";
import { isConstant } from "../context.ts";
import { i8ConvScratchBytes, i8DepthwiseScratchBytes } from "../contract.ts";
import { canBeChannelsLast, IMAGE } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import type { Known, Site } from "../site.ts";
import { spatialShape } from "../spatial-shape.ts";
import { quantizedConvWeights, quantizedDepthwiseWeights } from "./packing.ts";
import { inputArguments, isProductLowerable, outputArguments, scaleArguments } from "./products.ts";
import { emitSums } from "./sums.ts";

/** QuantizedConv over images: a lowering for the nodes that `fits` takes, by a kernel with weights and scratch of its own. */
const quantized = (
  kernel: "i8_conv" | "i8_dwconv",
  fits: (site: Site<ConvAttributes>) => boolean,
  weightsOf: typeof quantizedDepthwiseWeights<ConvAttributes>,
  scratchBytes: (shape: ReturnType<typeof spatialShape>, depth: number) => number,
): Lowering<ConvAttributes, Window> => ({
  name: kernel,
  resolve: (site) =>
    isProductLowerable(site) &&
    fits(site) &&
    canBeChannelsLast(site.input(AT.x).fact) &&
    canBeChannelsLast(site.output().fact) &&
    convWindow(site, site.input(AT.x).dims, site.input(AT.w).dims),
  layouts: () => [IMAGE],
  apart: () => true,
  emit(context, window) {
    const [x, w, y] = [context.input(AT.x), context.input(AT.w), context.output()];
    const shape = spatialShape(x, y, window, context.attributes.group);
    const depth = elementCount(w.dims.slice(1));
    const weights = weightsOf(context, w, context.inputs[AT.wZeroPoint]);
    context.call(
      kernel,
      context.struct("SpatialShape", shape),
      context.at(x),
      ...inputArguments(context),
      weights,
      ...scaleArguments(context, w.dims[0] as number),
      context.at(y),
      ...outputArguments(context, depth),
      context.scratch(scratchBytes(shape, depth) * context.parts),
    );
  },
});

/** One filter for each channel. */
export const quantizedDepthwise = quantized(
  "i8_dwconv",
  ({ attributes: { group }, inputs }) => group === inputs[AT.x]?.dims[1] && group === inputs[AT.w]?.dims[0],
  quantizedDepthwiseWeights,
  i8DepthwiseScratchBytes,
);

export const quantizedConv = quantized(
  "i8_conv",
  () => true,
  (context, w, zero) => quantizedConvWeights(context, w, zero, context.attributes.group),
  (_, depth) => i8ConvScratchBytes(depth),
);

/**
 * ConvInteger, row-major on both sides with transposes around the kernel: what stays an int32 tensor is rare, and "fuse
 * quantized" takes the rest.
 */
export const convInteger: Lowering<ConvAttributes, Window> = {
  name: "transposed",
  resolve(site) {
    const [x, w] = [site.input(0), site.input(1)];
    const [, , xZero, wZero] = site.inputs;
    const isScalar = (zero: Known | undefined) => zero === undefined || elementCount(zero.dims) === 1;
    const known = isConstant(w) && (wZero === undefined || isConstant(wZero));
    const image = (x.dims.length === 3 || x.dims.length === 4) && !x.dims.includes(0);
    return image && known && isScalar(xZero) && convWindow(site, x.dims, w.dims);
  },
  emit(context, window) {
    const [x, w, y] = [context.input(0), context.input(1), context.output()];
    const { group } = context.attributes;
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
    const [, , xZero, wZero] = context.inputs;
    const weights = quantizedConvWeights(context, w, wZero, group);
    emitSums(context, shape, from, xZero, weights, to, elementCount(w.dims.slice(1)));
    const sums = outC * outPixels;
    context.call("x32_transpose", to, outC, context.at(y), outPixels, outPixels, outC, batch, sums, sums);
  },
};
