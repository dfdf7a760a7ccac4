import { isFloat } from "../../dtype.ts";
import { showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { spend } from "../../interruptible.ts";
import { elementCount } from "../../tensor.ts";
import { type AttributesOf, defineOp, factOf, int, ints, string } from "../define.ts";
import { checkAlike } from "../elementwise/dtypes.ts";
import { activate } from "../elementwise/fused-activation.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { transposedConvolutionMacs } from "../shared/macs.ts";
import { forEachWindow } from "../shared/window.ts";
import { CONV, CONV_INPUTS } from "./conv.ts";
import { inferTransposed, transposedWindow } from "./transposed-window.ts";

const attributes = {
  autoPad: string("NOTSET"),
  dilations: ints(),
  group: int(1),
  kernelShape: ints(),
  outputPadding: ints(),
  outputShape: ints(),
  pads: ints(),
  strides: ints(),
};

export type ConvTransposeAttributes = AttributesOf<typeof attributes>;

/**
 * ConvTranspose: every element of x[N, C, …] adds its multiple of the filters w[C, M/group, …] to y[N, M, …].
 * A pass may add a fused activation.
 * https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
 */
export const convTranspose = defineOp({
  type: "ConvTranspose",
  since: [1, 11, 22],
  inputs: CONV_INPUTS,
  attributes,
  epilogue: true,
  macs: transposedConvolutionMacs,

  infer(context) {
    const facts = context.facts();
    const { dtype, dims: x } = facts.x;
    const { dtype: wType, dims: w } = facts.w;
    const { group, kernelShape } = context.attributes;
    if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
    if (wType !== dtype) context.failType(`w must be ${dtype} like x, got ${wType}`);
    checkAlike(context, { bias: CONV.bias });
    if (group < 1) context.fail(`group must be at least 1, got ${group}`);
    if (x === undefined) return [factOf(dtype, undefined)];
    if (x.length < 3) context.fail(`x needs a batch, a channel and spatial axes, got ${showDims(x)}`);
    if (w !== undefined && w.length !== x.length)
      context.fail(`w needs rank ${x.length} like x, got ${showDims(w)}`);
    const [inC, expected, perGroup] = [x[1], w?.[0], w?.[1]];
    if (typeof inC === "number" && typeof expected === "number" && inC !== expected) {
      context.fail(`weight expects ${expected} input channels, got ${inC}`);
    }
    if (typeof inC === "number" && inC % group !== 0) {
      context.fail(`${inC} input channels do not split into ${group} groups`);
    }
    const outC: Dim = typeof perGroup === "number" ? perGroup * group : "?";
    const bias = facts.bias?.dims;
    const clash = typeof bias?.[0] === "number" && typeof outC === "number" && bias[0] !== outC;
    if (bias !== undefined && (bias.length !== 1 || clash))
      context.fail(`bias needs [${outC}], got ${showDims(bias)}`);
    const kernel = w?.slice(2) ?? kernelShape ?? x.slice(2).map((): Dim => "?");
    if (
      kernelShape !== undefined &&
      kernel.some((size, i) => typeof size === "number" && size !== kernelShape[i])
    ) {
      context.fail(`kernel_shape [${kernelShape}] does not match the weight ${showDims(w)}`);
    }
    return [
      factOf(dtype, [x[0] as Dim, outC, ...inferTransposed(context, x.slice(2), kernel, context.attributes)]),
    ];
  },

  evaluate(context) {
    const { x, w, bias } = context.tensors();
    const { group } = context.attributes;
    const window = transposedWindow(context, x.dims.slice(2), w.dims.slice(2), context.attributes);
    const [batch, inC] = x.dims as [number, number];
    const groupInC = inC / group;
    const groupOutC = w.dims[1] as number;
    const outC = groupOutC * group;
    const taps = elementCount(window.kernelShape);
    const inPlane = elementCount(window.outputs);
    const outPlane = elementCount(window.inputs);
    const [source, weights] = [toNumbers(x), toNumbers(w)];
    const result = new Float64Array(batch * outC * outPlane);
    forEachWindow(window, (position, count, tapIndex, offsets) => {
      for (let n = 0; n < batch; n++) {
        for (let ic = 0; ic < inC; ic++) {
          const value = source[(n * inC + ic) * inPlane + position] as number;
          const firstC = n * outC + Math.floor(ic / groupInC) * groupOutC;
          spend(groupOutC * count);
          for (let oc = 0; oc < groupOutC; oc++) {
            const yAt = (firstC + oc) * outPlane;
            const wAt = (ic * groupOutC + oc) * taps;
            for (let i = 0; i < count; i++) {
              const at = yAt + (offsets[i] as number);
              result[at] =
                (result[at] as number) + value * (weights[wAt + (tapIndex[i] as number)] as number);
            }
          }
        }
      }
    });
    if (bias !== undefined) {
      const added = toNumbers(bias);
      for (let i = 0; i < result.length; i++) {
        result[i] = (result[i] as number) + (added[Math.floor(i / outPlane) % outC] as number);
      }
    }
    activate(context.node.activation, result);
    return [fromNumbers(x.dtype, [batch, outC, ...window.inputs], result)];
  },
});
