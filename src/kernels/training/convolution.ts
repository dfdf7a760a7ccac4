// Gradients of a convolution by its input, its weight and its bias.
import type { ConvTransposeAttributes } from "../../ops/conv/conv-transpose.ts";
import type { Window } from "../../ops/shared/window.ts";
import {
  type WeightGradientAttributes,
  weightGradientWindow,
} from "../../ops/training/conv-weight-gradient.ts";
import { elementCount } from "../../tensor.ts";
import { activationArgs, type LowerContext } from "../context.ts";
import {
  convWeightScratchBytes,
  reduceCode,
  weightSumsScratchBytes,
  winogradScratchBytes,
} from "../contract.ts";
import { CHANGING_WEIGHT_TILES, winogradTiles, winogradWeights } from "../conv/winograd-packing.ts";
import { float32Images, IMAGE } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import type { Site } from "../site.ts";
import { pixelCount, spatialShape } from "../spatial-shape.ts";

/** As Conv decides: 3×3, one step at a time, channels and tiles enough to gain. */
function suitsWinograd(site: Site<ConvTransposeAttributes>): boolean {
  const [dy, w, dx] = [site.input(0), site.input(1), site.output()];
  const { autoPad, dilations, group, outputPadding, outputShape, pads, strides } = site.attributes;
  const all = (values: readonly number[] | undefined, wanted: number) =>
    values === undefined || values.every((value) => value === wanted);
  if (!float32Images(dy, dx) || dx.dims.length !== 4) return false;
  const tiles = winogradTiles(dx);
  return (
    site.winograd &&
    group === 1 &&
    w.dims[2] === 3 &&
    w.dims[3] === 3 &&
    all(strides, 1) &&
    all(dilations, 1) &&
    all(outputPadding, 0) &&
    outputShape === undefined &&
    autoPad === "NOTSET" &&
    (pads === undefined || pads.every((pad) => pad <= 2)) &&
    (dy.dims[1] as number) >= 8 &&
    tiles >= CHANGING_WEIGHT_TILES &&
    pixelCount(dx) >= 9 * tiles
  );
}

/** The gradient by the input as the convolution of dy with the filters turned round. */
export const winogradInputGradient: Lowering<ConvTransposeAttributes, boolean> = {
  name: "winograd",
  resolve: suitsWinograd,
  layouts: () => [IMAGE],
  apart: () => true,
  emit(context) {
    const [dy, w, dx] = [context.input(0), context.input(1), context.output()];
    const { pads } = context.attributes;
    const window: Window = {
      ...{ inputs: dy.dims.slice(2), outputs: dx.dims.slice(2) },
      ...{ kernelShape: [3, 3], strides: [1, 1], dilations: [1, 1] },
      ...{ padsBegin: [2 - (pads?.[0] ?? 0), 2 - (pads?.[1] ?? 0)], padsEnd: [0, 0] },
    };
    context.call(
      "f32_conv_winograd4",
      context.struct("SpatialShape", spatialShape(dy, dx, window)),
      context.at(dy),
      winogradWeights(context, w, true),
      0,
      0,
      0,
      context.at(dx),
      ...activationArgs(context.node.activation),
      context.scratch(winogradScratchBytes(dy.dims[1] as number, winogradTiles(dx)) * context.parts),
    );
  },
};

/** Chunks of pixels with sums of their own, which threads can share: few, long, and not too much memory. */
const MOST_CHUNKS = 8;
const LEAST_PIXELS = 512;
const MOST_SUM_BYTES = 1 << 20;

/** Room for the sums of every chunk. Their number depends on the shape alone, and so do the bits of the result. */
function placeSums(context: LowerContext<WeightGradientAttributes>, bytesOfChunk: number) {
  const pixels = pixelCount(context.input(1));
  const fit = Math.min(pixels / LEAST_PIXELS, MOST_SUM_BYTES / bytesOfChunk, MOST_CHUNKS);
  const chunks = Math.max(1, Math.floor(fit));
  return { chunks, sums: context.scratch(chunks * bytesOfChunk) };
}

/** The gradient by the weight, of nodes for which `fits` holds. */
const weightGradient = (
  name: string,
  fits: (site: Site<WeightGradientAttributes>) => boolean,
  emit: Lowering<WeightGradientAttributes, Window>["emit"],
): Lowering<WeightGradientAttributes, Window> => ({
  name,
  resolve: (site) =>
    float32Images(site.input(0), site.input(1)) &&
    fits(site) &&
    weightGradientWindow(site, site.input(0).dims),
  layouts: () => [{ inputs: ["channelsLast", "channelsLast"], outputs: ["rowMajor"] }],
  apart: () => true,
  emit,
});

const shapeOf = (context: LowerContext<WeightGradientAttributes>, window: Window) =>
  context.struct(
    "SpatialShape",
    spatialShape(context.input(0), context.input(1), window, context.attributes.group),
  );

export const depthwiseWeightGradient = weightGradient(
  "depthwise",
  ({ attributes: { group }, inputs: [x, dy] }) => group > 1 && group === x?.dims[1] && group === dy?.dims[1],
  (context, window) => {
    const channels = context.input(1).dims[1] as number;
    const taps = elementCount(context.attributes.kernelShape);
    const { chunks, sums } = placeSums(context, weightSumsScratchBytes(1, channels, taps));
    const [x, dy] = [context.at(context.input(0)), context.at(context.input(1))];
    context.call("f32_dwconv_weight_sums", shapeOf(context, window), x, dy, sums, chunks);
    context.call(
      "f32_conv_weight_finish",
      ...[sums, context.at(context.output()), chunks, 1, channels, 1, taps],
    );
  },
);

export const convWeightGradient = weightGradient(
  "any",
  () => true,
  (context, window) => {
    const { group, kernelShape } = context.attributes;
    const [filters, inC] = context.output().dims as [number, number];
    const outC = filters / group;
    const taps = elementCount(kernelShape);
    const depth = taps * inC;
    const { chunks, sums } = placeSums(context, weightSumsScratchBytes(group, filters, depth));
    context.call(
      "f32_conv_weight_sums",
      shapeOf(context, window),
      context.at(context.input(0)),
      context.at(context.input(1)),
      sums,
      chunks,
      context.scratch(convWeightScratchBytes(depth) * context.parts),
    );
    context.call(
      "f32_conv_weight_finish",
      ...[sums, context.at(context.output()), chunks, group, outC, inC, taps],
    );
  },
);

/** The gradient by the bias. */
export const channelSum: Lowering<unknown, boolean> = {
  name: "f32_reduce",
  resolve: (site) => float32Images(site.input(0)),
  layouts: () => [{ inputs: ["channelsLast"], outputs: [] }],
  emit(context) {
    const [x, y] = [context.input(0), context.output()];
    const channels = x.dims[1] as number;
    context.call("f32_reduce", reduceCode.sum, context.at(x), context.at(y), 1, pixelCount(x), channels);
  },
};
