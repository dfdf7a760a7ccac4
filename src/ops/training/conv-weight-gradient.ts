import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int, ints, required } from "../define.ts";
import type { Failing } from "../shared/axes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { forEachWindow, resolveWindow, type Window } from "../shared/window.ts";

export interface WeightGradientAttributes {
  readonly dilations: readonly number[] | undefined;
  readonly group: number;
  readonly kernelShape: readonly number[];
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
}

/**
 * The gradient of a Conv by its weight: dw[m, c, k…] = Σ x[n, g·C + c, window] · dy[n, m, position] for
 * x[N, group·C, …] and dy[N, M, …]. `pads` are those that Conv resolved; `kernelShape` gives k….
 */
export const convWeightGradient = defineOp({
  type: "ConvWeightGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["x", "dy"],
  attributes: {
    dilations: ints(),
    group: int(1),
    kernelShape: required(ints()),
    pads: ints(),
    strides: ints(),
  },
  infer(context) {
    const { dtype, dims: x } = context.fact(0);
    const dy = context.fact(1).dims;
    const { group, kernelShape } = context.attributes;
    if (x === undefined || dy === undefined) return [factOf(dtype, undefined)];
    const perGroup = typeof x[1] === "number" ? x[1] / group : "?";
    return [factOf(dtype, [dy[1] ?? "?", perGroup, ...kernelShape])];
  },
  evaluate(context) {
    const [x, dy] = [context.tensor(0), context.tensor(1)];
    const { group, kernelShape } = context.attributes;
    const window = weightGradientWindow(context, x.dims);
    const [batch, inC] = x.dims as [number, number];
    const outC = dy.dims[1] as number;
    const [groupInC, groupOutC] = [inC / group, outC / group];
    const [inPlane, outPlane] = [elementCount(window.inputs), elementCount(window.outputs)];
    const taps = elementCount(kernelShape);
    const [source, gradient] = [toNumbers(x), toNumbers(dy)];
    const result = new Float64Array(outC * groupInC * taps);
    forEachWindow(window, (position, count, tapIndex, offsets) => {
      for (let n = 0; n < batch; n++) {
        for (let oc = 0; oc < outC; oc++) {
          const slope = gradient[(n * outC + oc) * outPlane + position] as number;
          const firstC = n * inC + Math.floor(oc / groupOutC) * groupInC;
          for (let ic = 0; ic < groupInC; ic++) {
            for (let i = 0; i < count; i++) {
              const at = (oc * groupInC + ic) * taps + (tapIndex[i] as number);
              const value = source[(firstC + ic) * inPlane + (offsets[i] as number)] as number;
              result[at] = (result[at] as number) + slope * value;
            }
          }
        }
      }
    });
    return [fromNumbers(x.dtype, [outC, groupInC, ...kernelShape], result)];
  },
});

/** The window of the convolution itself, over x. */
export const weightGradientWindow = (
  context: Failing & { readonly attributes: WeightGradientAttributes },
  x: readonly number[],
): Window =>
  resolveWindow(context, x.slice(2), context.attributes.kernelShape, {
    ...context.attributes,
    autoPad: "NOTSET",
  });
