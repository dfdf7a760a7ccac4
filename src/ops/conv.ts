import { isFloat } from "../dtype.ts";
import { mapDims, showDims } from "../graph/dims.ts";
import type { Dim } from "../graph/graph.ts";
import { spend } from "../interruptible.ts";
import { elementCount } from "../tensor.ts";
import { defineOp, factOf, int, ints, isFloat32, type Lowering, string } from "./define.ts";
import { convScratchBytes, winogradScratchBytes } from "./kernel-contract.ts";
import { activationArgs, isConstant, type LowerContext, type Operand } from "./lowering.ts";
import { fromNumbers, toNumbers } from "./shared/elements.ts";
import { checkAlike } from "./shared/elementwise.ts";
import { activate } from "./shared/fused-activation.ts";
import { gemmScratch, packedConstant, packedDynamic } from "./shared/gemm-packing.ts";
import { convolutionMacs } from "./shared/macs.ts";
import { convWeights, depthwiseWeights } from "./shared/packing.ts";
import { seenThrough } from "./shared/receptive-field.ts";
import {
  forEachWindow,
  inferWindow,
  isImage,
  pixelCount,
  resolveWindow,
  spatialShape,
  type Window,
  type WindowAttributes,
} from "./shared/spatial.ts";
import { CHANGING_WEIGHT_TILES, winogradTiles, winogradWeights } from "./shared/winograd-packing.ts";

interface ConvAttributes extends WindowAttributes {
  readonly group: number;
  readonly kernelShape: readonly number[] | undefined;
}

type ConvContext = LowerContext<ConvAttributes>;

/**
 * Conv: a convolution over any number of spatial axes, x[N, C, …] with w[M, C/group, …] to y[N, M, …].
 * Passes may add a residual (input 3, added before the activation) and a fused activation.
 * https://onnx.ai/onnx/operators/onnx__Conv.html
 */
export const conv = defineOp({
  type: "Conv",
  since: [1, 11, 22],
  inputs: ["x", "w", "bias?", "residual?"],
  attributes: {
    autoPad: string("NOTSET"),
    dilations: ints(),
    group: int(1),
    kernelShape: ints(),
    pads: ints(),
    strides: ints(),
  },
  epilogue: true,
  takesPads({ attributes }, pads) {
    const { autoPad } = attributes;
    if (autoPad !== "NOTSET" && autoPad !== "VALID") return undefined;
    const own = autoPad === "VALID" ? undefined : attributes.pads;
    return { ...attributes, autoPad: "NOTSET", pads: pads.map((amount, i) => amount + (own?.[i] ?? 0)) };
  },
  layout: ({ inputs }) => {
    const rank = inputs[0]?.dims?.length;
    return isFloat32([inputs[0]]) && (rank === 3 || rank === 4) ? "channelsLast" : "rowMajor";
  },
  strided: true,
  walksPixels: ({ attributes, inputs }) => attributes.group > 1 && attributes.group === inputs[0]?.dims?.[1],
  macs: convolutionMacs(1),
  receptiveField: ({ attributes, inputs: [x, w] }) => seenThrough(x, w?.dims?.slice(2), attributes),

  infer(context) {
    const { dtype, dims: x } = context.fact(0);
    const { dtype: wType, dims: w } = context.fact(1);
    if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
    if (wType !== dtype) context.failType(`w must be ${dtype} like x, got ${wType}`);
    checkAlike(context, { bias: 2 });
    const { group, kernelShape } = context.attributes;
    if (group < 1) context.fail(`group must be at least 1, got ${group}`);
    if (x !== undefined && x.length < 3)
      context.fail(`x needs a batch, a channel and spatial axes, got ${showDims(x)}`);
    if (x !== undefined && w !== undefined && x.length !== w.length) {
      context.fail(`w needs rank ${x.length} like x, got ${showDims(w)}`);
    }
    if (x === undefined) {
      if (w === undefined) return [factOf(dtype, undefined)];
      return [factOf(dtype, ["?", w[0] as Dim, ...w.slice(2).map((): Dim => "?")])];
    }
    const [batch, inC] = x as [Dim, Dim];
    if (w !== undefined) {
      const [outC, perGroup, ...kernel] = w as [Dim, Dim, ...Dim[]];
      const expected = mapDims((c, k) => c - k * group, inC, perGroup);
      if (typeof expected === "number" && expected !== 0) {
        context.fail(`weight expects ${(perGroup as number) * group} input channels, got ${inC}`);
      }
      if (typeof outC === "number" && outC % group !== 0) {
        context.fail(`${outC} output channels do not split into ${group} groups`);
      }
      if (
        kernelShape !== undefined &&
        kernel.some((size, i) => typeof size === "number" && size !== kernelShape[i])
      ) {
        context.fail(`kernel_shape [${kernelShape}] does not match the weight ${showDims(w)}`);
      }
      const bias = context.dims(2);
      if (
        bias !== undefined &&
        (bias.length !== 1 || (typeof bias[0] === "number" && typeof outC === "number" && bias[0] !== outC))
      ) {
        context.fail(`bias needs [${outC}], got ${showDims(bias)}`);
      }
    }
    const kernel = w?.slice(2) ?? kernelShape ?? x.slice(2).map((): Dim => "?");
    return [
      factOf(dtype, [batch, w?.[0] ?? "?", ...inferWindow(context, x.slice(2), kernel, context.attributes)]),
    ];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const w = context.tensor(1);
    const bias = context.optional(2);
    const residual = context.optional(3);
    const { group } = context.attributes;
    const window = resolveWindow(context, x.dims.slice(2), w.dims.slice(2), context.attributes);
    const [batch, inC] = x.dims as [number, number];
    const outC = w.dims[0] as number;
    const dims = [batch, outC, ...window.outputs];
    const result = convolve(
      toNumbers(x),
      toNumbers(w),
      bias && toNumbers(bias),
      batch,
      inC,
      outC,
      group,
      window,
    );
    if (residual !== undefined) {
      const added = toNumbers(residual);
      for (let i = 0; i < result.length; i++) result[i] = (result[i] as number) + (added[i] as number);
    }
    activate(context.node.activation, result);
    return [fromNumbers(x.dtype, dims, result)];
  },

  lower: [
    lowering("pointwise", isPointwise, (context) => {
      const [x, w, y] = [context.input(0), context.input(1), context.output()];
      const [n, k] = w.dims as [number, number];
      const m = pixelCount(x);
      const packing = { k, n, transposed: true, batch: 1 };
      context.call(
        "f32_gemm",
        context.at(x),
        x.pixelStride,
        isConstant(w) ? packedConstant(context, w, packing) : packedDynamic(context, w, packing),
        context.at(y),
        y.pixelStride,
        m,
        n,
        k,
        context.at(context.inputs[2]),
        ...residualArgs(context),
        ...activationArgs(context.node.activation),
        gemmScratch(context, n),
      );
    }),
    lowering("depthwise", isDepthwise, (context, window) => {
      const [x, w, y] = [context.input(0), context.input(1), context.output()];
      context.call(
        "f32_dwconv",
        context.struct("SpatialShape", spatialShape(x, y, window, context.attributes.group)),
        context.at(x),
        depthwiseWeights(context, w),
        context.at(context.inputs[2]),
        ...residualArgs(context),
        context.at(y),
        ...activationArgs(context.node.activation),
      );
    }),
    lowering("winograd", isWinograd, (context, window) => {
      const [x, w, y] = [context.input(0), context.input(1), context.output()];
      const inC = w.dims[1] as number;
      context.call(
        "f32_conv_winograd4",
        context.struct("SpatialShape", spatialShape(x, y, window)),
        context.at(x),
        winogradWeights(context, w),
        context.at(context.inputs[2]),
        ...residualArgs(context),
        context.at(y),
        ...activationArgs(context.node.activation),
        context.scratch(winogradScratchBytes(inC, winogradTiles(y)) * context.parts),
      );
    }),
    lowering(
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
          context.at(context.inputs[2]),
          ...residualArgs(context),
          context.at(y),
          ...activationArgs(context.node.activation),
          context.scratch(convScratchBytes(taps * (w.dims[1] as number)) * context.parts),
        );
      },
    ),
  ],
});

/** The definition: every output position gathers its taps once for all channels. */
function convolve(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  bias: ArrayLike<number> | undefined,
  batch: number,
  inC: number,
  outC: number,
  group: number,
  window: Window,
): Float64Array {
  const inPlane = elementCount(window.inputs);
  const outPlane = elementCount(window.outputs);
  const taps = elementCount(window.kernelShape);
  const groupInC = inC / group;
  const groupOutC = outC / group;
  const result = new Float64Array(batch * outC * outPlane);
  forEachWindow(window, (position, count, tapIndex, offsets) => {
    for (let n = 0; n < batch; n++) {
      for (let oc = 0; oc < outC; oc++) {
        const firstC = n * inC + Math.floor(oc / groupOutC) * groupInC;
        let sum = bias === undefined ? 0 : (bias[oc] as number);
        spend(groupInC * count);
        for (let ic = 0; ic < groupInC; ic++) {
          const xAt = (firstC + ic) * inPlane;
          const wAt = (oc * groupInC + ic) * taps;
          for (let i = 0; i < count; i++) {
            sum += (x[xAt + (offsets[i] as number)] as number) * (w[wAt + (tapIndex[i] as number)] as number);
          }
        }
        result[(n * outC + oc) * outPlane + position] = sum;
      }
    }
  });
  return result;
}

/** An entry of the choice list: float32 images for which `fits` holds. */
function lowering(
  name: string,
  fits: (context: ConvContext, window: Window) => boolean,
  lower: (context: ConvContext, window: Window) => void,
): Lowering<ConvAttributes> {
  return {
    name,
    when: (context) =>
      isFloat32([context.input(0).fact, context.output().fact]) &&
      isImage(context.input(0)) &&
      isImage(context.output()) &&
      context.input(1).layout === "rowMajor" &&
      fits(context, windowOf(context)),
    lower: (context) => lower(context, windowOf(context)),
  };
}

const windowOf = (context: ConvContext): Window =>
  resolveWindow(context, context.input(0).dims.slice(2), context.input(1).dims.slice(2), context.attributes);

/** 1×1, one step at a time, no padding: a matrix product over the pixels. */
function isPointwise(context: ConvContext, window: Window): boolean {
  return (
    context.attributes.group === 1 &&
    window.kernelShape.every((size) => size === 1) &&
    window.strides.every((stride) => stride === 1) &&
    window.padsBegin.every((pad) => pad === 0) &&
    window.padsEnd.every((pad) => pad === 0)
  );
}

/**
 * 3×3, one step at a time, where `bench/kernels/run.mjs winograd` beats the same shape under `conv`: from 8 channels
 * on, and with enough pixels in the 4×4 tiles, which is 6×6 maps and larger. On 5×5 maps and single tiles it gains a
 * fifth at best, which is not worth weights four times as large.
 */
function isWinograd(context: ConvContext, window: Window): boolean {
  const [x, y] = [context.input(0), context.output()];
  const tiles = winogradTiles(y);
  return (
    context.winograd !== false &&
    (isConstant(context.input(1)) || (context.training === true && tiles >= CHANGING_WEIGHT_TILES)) &&
    context.attributes.group === 1 &&
    window.kernelShape.length === 2 &&
    window.kernelShape.every((size) => size === 3) &&
    window.strides.every((stride) => stride === 1) &&
    window.dilations.every((dilation) => dilation === 1) &&
    (x.dims[1] as number) >= 8 &&
    tiles >= 4 &&
    pixelCount(y) >= 9 * tiles
  );
}

/** One filter for each channel. */
function isDepthwise(context: ConvContext): boolean {
  const { group } = context.attributes;
  return group === context.input(0).dims[1] && group === context.input(1).dims[0];
}

function residualArgs(context: ConvContext) {
  const residual: Operand | undefined = context.inputs[3];
  return [context.at(residual), residual?.pixelStride ?? 0] as const;
}
