import { CONV, type ConvAttributes } from "../../ops/conv/conv.ts";
import { resolveWindow, type Window } from "../../ops/shared/window.ts";
import { elementCount } from "../../tensor.ts";
import { activationArgs, isConstant, type LowerContext } from "../context.ts";
import { convScratchBytes, winogradScratchBytes } from "../contract.ts";
import { float32Images } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { gemmScratch, packedConstant, packedDynamic } from "../matrix/packing.ts";
import type { Layouts, Site } from "../site.ts";
import { pixelCount, spatialShape } from "../spatial-shape.ts";
import { convWeights, depthwiseWeights } from "./packing.ts";
import { CHANGING_WEIGHT_TILES, winogradTiles, winogradWeights } from "./winograd-packing.ts";

type ConvSite = Site<ConvAttributes>;
type ConvContext = LowerContext<ConvAttributes>;

/** The image, and the residual that a pass may have added. */
const LAYOUTS: readonly Layouts[] = [
  { inputs: ["channelsLast", "rowMajor", "rowMajor", "channelsLast"], outputs: ["channelsLast"] },
];

/** What all of them resolve, once. */
const windows = new WeakMap<ConvSite, Window>();

/** A convolution of float32 images for which `fits` holds. */
const convolution = (
  name: string,
  fits: (site: ConvSite, window: Window) => boolean,
  emit: (context: ConvContext, window: Window) => void,
): Lowering<ConvAttributes, Window> => ({
  name,
  resolve(site) {
    const [x, w] = [site.input(0), site.input(1)];
    if (!float32Images(x, site.output())) return undefined;
    const window =
      windows.get(site) ?? resolveWindow(site, x.dims.slice(2), w.dims.slice(2), site.attributes);
    windows.set(site, window);
    return fits(site, window) && window;
  },
  layouts: () => LAYOUTS,
  apart: () => true,
  emit,
});

/** A matrix product over the pixels. */
const pointwise = convolution("pointwise", isPointwise, (context) => {
  const [x, w, y] = [context.input(0), context.input(1), context.output()];
  const [n, k] = w.dims as [number, number];
  const packing = { k, n, transposed: true, batch: 1 };
  context.call(
    "f32_gemm",
    context.at(x),
    x.pixelStride,
    isConstant(w) ? packedConstant(context, w, packing) : packedDynamic(context, w, packing),
    context.at(y),
    y.pixelStride,
    pixelCount(x),
    n,
    k,
    ...addends(context),
    ...activationArgs(context.node.activation),
    gemmScratch(context, n),
  );
});

const depthwise: Lowering<ConvAttributes, Window> = {
  ...convolution("depthwise", isDepthwise, (context, window) => {
    const [x, w, y] = [context.input(0), context.input(1), context.output()];
    context.call(
      "f32_dwconv",
      context.struct("SpatialShape", spatialShape(x, y, window, context.attributes.group)),
      context.at(x),
      depthwiseWeights(context, w),
      ...addends(context),
      context.at(y),
      ...activationArgs(context.node.activation),
    );
  }),
  walksPixels: true,
};

const winograd = convolution("winograd", isWinograd, (context, window) => {
  const [x, w, y] = [context.input(0), context.input(1), context.output()];
  const inC = w.dims[1] as number;
  context.call(
    "f32_conv_winograd4",
    context.struct("SpatialShape", spatialShape(x, y, window)),
    context.at(x),
    winogradWeights(context, w),
    ...addends(context),
    context.at(y),
    ...activationArgs(context.node.activation),
    context.scratch(winogradScratchBytes(inC, winogradTiles(y)) * context.parts),
  );
});

const generic = convolution(
  "generic",
  () => true,
  (context, window) => {
    const [x, w, y] = [context.input(0), context.input(1), context.output()];
    const taps = elementCount(window.kernelShape);
    context.call(
      "f32_conv",
      context.struct("SpatialShape", spatialShape(x, y, window, context.attributes.group)),
      context.at(x),
      convWeights(context, w, context.attributes.group),
      ...addends(context),
      context.at(y),
      ...activationArgs(context.node.activation),
      context.scratch(convScratchBytes(taps * (w.dims[1] as number)) * context.parts),
    );
  },
);

export const CONVOLUTIONS = [pointwise, depthwise, winograd, generic];

/** 1×1, one step at a time, no padding. */
function isPointwise({ attributes }: ConvSite, window: Window): boolean {
  return (
    attributes.group === 1 &&
    window.kernelShape.every((size) => size === 1) &&
    window.strides.every((stride) => stride === 1) &&
    window.padsBegin.every((pad) => pad === 0) &&
    window.padsEnd.every((pad) => pad === 0)
  );
}

/** One filter for each channel. */
function isDepthwise(site: ConvSite): boolean {
  const { group } = site.attributes;
  return group === site.input(0).dims[1] && group === site.input(1).dims[0];
}

/**
 * 3×3, one step at a time, where `bench/kernels/run.mjs winograd` beats the same shape under `conv`: from 8 channels
 * on, and with enough pixels in the 4×4 tiles, which is 6×6 maps and larger. On 5×5 maps and single tiles it gains a
 * fifth at best, which is not worth weights four times as large.
 */
function isWinograd(site: ConvSite, window: Window): boolean {
  const y = site.output();
  const tiles = winogradTiles(y);
  return (
    site.winograd &&
    (isConstant(site.input(1)) || (site.training && tiles >= CHANGING_WEIGHT_TILES)) &&
    site.attributes.group === 1 &&
    window.kernelShape.length === 2 &&
    window.kernelShape.every((size) => size === 3) &&
    window.strides.every((stride) => stride === 1) &&
    window.dilations.every((dilation) => dilation === 1) &&
    (site.input(0).dims[1] as number) >= 8 &&
    tiles >= 4 &&
    pixelCount(y) >= 9 * tiles
  );
}

/** `bias, residual, ldr`. */
function addends({ at, inputs }: ConvContext) {
  const residual = inputs[CONV.residual];
  return [at(inputs[CONV.bias]), at(residual), residual?.pixelStride ?? 0] as const;
}
