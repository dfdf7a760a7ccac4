import { isFloat } from "../../dtype.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int, ints, required, string } from "../define.ts";
import { paddedCounts } from "../pool/padded-counts.ts";
import type { Failing } from "../shared/axes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { forEachWindow, resolveWindow, type Window } from "../shared/window.ts";

export interface AveragePoolGradientAttributes {
  readonly autoPad: string;
  readonly ceilMode: number;
  readonly countIncludePad: number;
  readonly dilations: readonly number[] | undefined;
  readonly kernelShape: readonly number[];
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
  readonly inputShape: readonly number[];
}

/**
 * The gradient of AveragePool by x, of which only the spatial sizes matter (`inputShape`): each dy goes in equal shares to
 * the elements that its mean was made of. The other attributes are AveragePool's.
 */
export const averagePoolGradient = defineOp({
  type: "AveragePoolGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["dy"],
  attributes: {
    autoPad: string("NOTSET"),
    ceilMode: int(0),
    countIncludePad: int(0),
    dilations: ints(),
    inputShape: required(ints()),
    kernelShape: required(ints()),
    pads: ints(),
    strides: ints(),
  },
  infer(context) {
    const { dtype, dims } = context.fact(0);
    if (!isFloat(dtype)) context.failType(`dy must be a float tensor, got ${dtype}`);
    if (dims === undefined) return [factOf(dtype, undefined)];
    return [factOf(dtype, [...dims.slice(0, 2), ...context.attributes.inputShape])];
  },
  evaluate(context) {
    const dy = context.tensor(0);
    const window = averagePoolGradientWindow(context);
    const [inPlane, outPlane] = [elementCount(window.inputs), elementCount(window.outputs)];
    const planes = (dy.dims[0] as number) * (dy.dims[1] as number);
    const divisors = context.attributes.countIncludePad === 0 ? undefined : paddedCounts(window);
    const slopes = toNumbers(dy);
    const result = new Float64Array(planes * inPlane);
    forEachWindow(window, (position, count, _, offsets) => {
      const divisor = divisors === undefined ? count : (divisors[position] as number);
      for (let plane = 0; plane < planes; plane++) {
        const share = (slopes[plane * outPlane + position] as number) / divisor;
        for (let i = 0; i < count; i++) {
          const at = plane * inPlane + (offsets[i] as number);
          result[at] = (result[at] as number) + share;
        }
      }
    });
    return [fromNumbers(dy.dtype, [...dy.dims.slice(0, 2), ...window.inputs], result)];
  },
});

/** The window of the pool itself, over what its gradient gives. */
export const averagePoolGradientWindow = (
  context: Failing & { readonly attributes: AveragePoolGradientAttributes },
): Window =>
  resolveWindow(context, context.attributes.inputShape, context.attributes.kernelShape, context.attributes);
