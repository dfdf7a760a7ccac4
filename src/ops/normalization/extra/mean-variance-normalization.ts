import { isFloat } from "../../../dtype.ts";
import { normalizeAxis, rowMajorStrides } from "../../../graph/dims.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, int, ints, sameAs } from "../../define.ts";
import { stridedOffsets } from "../../movement/strided.ts";
import { fromNumbers, toNumbers } from "../../shared/elements.ts";
import { momentsOf } from "../normalizing.ts";

/** What the text adds to the deviation before it divides. */
const EPSILON = 1e-9;

/**
 * MeanVarianceNormalization: (x - mean) / deviation over `axes`.
 * https://onnx.ai/onnx/operators/onnx__MeanVarianceNormalization.html
 */
export const meanVarianceNormalization = defineOp({
  type: "MeanVarianceNormalization",
  since: [1, 9, 13],
  inputs: ["x"],
  attributes: { acrossChannels: int(0), axes: ints(), normalizeVariance: int(1) },

  infer(context) {
    const x = context.fact(0);
    if (!isFloat(x.dtype)) context.failType(`x must be a float tensor, got ${x.dtype}`);
    const rank = x.dims?.length;
    const bad = context.attributes.axes?.find((axis) => rank !== undefined && (axis < -rank || axis >= rank));
    if (bad !== undefined) context.fail(`axis ${bad} is outside an input of rank ${rank}`);
    return [sameAs(x)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const rank = x.dims.length;
    const { acrossChannels, axes, normalizeVariance } = context.attributes;
    const fallback = context.opset < 9 && acrossChannels !== 0 ? [0, 1, 2, 3] : [0, 2, 3];
    const reduced = new Set((axes ?? fallback).map((axis) => normalizeAxis(axis, rank)));
    const strides = rowMajorStrides(x.dims);
    const chosen = (keep: boolean) => {
      const picked = x.dims.map((_, axis) => axis).filter((axis) => reduced.has(axis) !== keep);
      return stridedOffsets(
        picked.map((axis) => x.dims[axis] as number),
        picked.map((axis) => strides[axis] as number),
      );
    };
    const [starts, steps] = [chosen(true), chosen(false)];
    const source = toNumbers(x);
    const run = new Float64Array(steps.length);
    const result = new Float64Array(elementCount(x.dims));
    for (const start of starts) {
      for (let i = 0; i < run.length; i++) run[i] = source[start + (steps[i] as number)] as number;
      const [mean, variance] = momentsOf(run, 0, run.length);
      const divisor = normalizeVariance === 0 ? 1 : Math.sqrt(variance) + EPSILON;
      for (let i = 0; i < run.length; i++)
        result[start + (steps[i] as number)] = ((run[i] as number) - mean) / divisor;
    }
    return [fromNumbers(x.dtype, x.dims, result)];
  },
});
