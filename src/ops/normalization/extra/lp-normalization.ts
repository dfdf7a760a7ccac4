import { isFloat } from "../../../dtype.ts";
import { normalizeAxis } from "../../../graph/dims.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, int, sameAs } from "../../define.ts";
import { fromNumbers, toNumbers } from "../../shared/elements.ts";

/**
 * LpNormalization: every run along `axis` divided by its 1- or 2-norm; a run of zeros stays zero.
 * https://onnx.ai/onnx/operators/onnx__LpNormalization.html
 */
export const lpNormalization = defineOp({
  type: "LpNormalization",
  since: [1, 22],
  inputs: ["input"],
  attributes: { axis: int(-1), p: int(2) },

  infer(context) {
    const x = context.fact(0);
    const { axis, p } = context.attributes;
    if (!isFloat(x.dtype)) context.failType(`input must be a float tensor, got ${x.dtype}`);
    if (p !== 1 && p !== 2) context.fail(`p must be 1 or 2, got ${p}`);
    const rank = x.dims?.length;
    if (rank !== undefined && (axis < -rank || axis >= rank)) {
      context.fail(`axis ${axis} is outside an input of rank ${rank}`);
    }
    return [sameAs(x)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const axis = normalizeAxis(context.attributes.axis, x.dims.length);
    const length = x.dims[axis] as number;
    const inner = elementCount(x.dims.slice(axis + 1));
    const outer = elementCount(x.dims.slice(0, axis));
    const source = toNumbers(x);
    const result = new Float64Array(source.length);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        const start = o * length * inner + i;
        let sum = 0;
        for (let k = 0; k < length; k++) {
          const value = source[start + k * inner] as number;
          sum += context.attributes.p === 1 ? Math.abs(value) : value * value;
        }
        const norm = context.attributes.p === 1 ? sum : Math.sqrt(sum);
        if (norm === 0) continue;
        for (let k = 0; k < length; k++)
          result[start + k * inner] = (source[start + k * inner] as number) / norm;
      }
    }
    return [fromNumbers(x.dtype, x.dims, result)];
  },
});
