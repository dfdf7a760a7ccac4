import { isFloat } from "../../dtype.ts";
import { mapDims, showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { spend } from "../../interruptible.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int, ints, placesOf, string } from "../define.ts";
import { checkAlike } from "../elementwise/dtypes.ts";
import { activate } from "../elementwise/fused-activation.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { convolutionMacs } from "../shared/macs.ts";
import { seenThrough } from "../shared/receptive-field.ts";
import {
  forEachWindow,
  inferWindow,
  resolveWindow,
  type Window,
  type WindowAttributes,
} from "../shared/window.ts";

export interface ConvAttributes extends WindowAttributes {
  readonly group: number;
  readonly kernelShape: readonly number[] | undefined;
}

/** The inputs of ConvTranspose; a pass may add a residual to Conv's. */
export const CONV_INPUTS = ["x", "w", "bias?"] as const;
const INPUTS = [...CONV_INPUTS, "residual?"] as const;
export const CONV = placesOf(INPUTS);

/**
 * Conv: a convolution over any number of spatial axes, x[N, C, …] with w[M, C/group, …] to y[N, M, …].
 * Passes may add a residual (added before the activation) and a fused activation.
 * https://onnx.ai/onnx/operators/onnx__Conv.html
 */
export const conv = defineOp({
  type: "Conv",
  since: [1, 11, 22],
  inputs: INPUTS,
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
  macs: convolutionMacs(1),
  receptiveField: ({ attributes, inputs: [x, w] }) => seenThrough(x, w?.dims?.slice(2), attributes),

  infer(context) {
    const facts = context.facts();
    const { dtype, dims: x } = facts.x;
    const { dtype: wType, dims: w } = facts.w;
    if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
    if (wType !== dtype) context.failType(`w must be ${dtype} like x, got ${wType}`);
    checkAlike(context, { bias: CONV.bias });
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
      const bias = facts.bias?.dims;
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
    const { x, w, bias, residual } = context.tensors();
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
