import { normalizeAxis } from "../../graph/dims.ts";
import type { Fact } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, float, int, sameAs } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { checkNormalized, parameterOffsets } from "./layer-normalizing.ts";
import { momentsOf } from "./normalizing.ts";

/**
 * LayerNormalization: every run from `axis` to the end to mean 0 and variance 1, then scaled and shifted.
 * https://onnx.ai/onnx/operators/onnx__LayerNormalization.html
 */
export const layerNormalization = defineOp({
  type: "LayerNormalization",
  since: [1, 17],
  inputs: ["x", "scale", "b?"],
  outputs: ["y", "mean?", "inv_std_dev?"],
  attributes: { axis: int(-1), epsilon: float(1e-5), stashType: int(1) },

  infer(context) {
    const axis = checkNormalized(context);
    const x = context.fact(0);
    const facts: Fact[] = [sameAs(x)];
    const stash = context.attributes.stashType === 11 ? "float64" : "float32";
    const dims = x.dims?.map((dim, i) => (i < (axis as number) ? dim : 1));
    while (facts.length < context.outputCount) facts.push(factOf(stash, dims));
    return facts;
  },

  evaluate(context) {
    const { x, scale, b } = context.tensors();
    const { epsilon } = context.attributes;
    const axis = normalizeAxis(context.attributes.axis, x.dims.length);
    const rows = elementCount(x.dims.slice(0, axis));
    const cols = elementCount(x.dims.slice(axis));
    const source = toNumbers(x);
    const scaleAt = parameterOffsets(scale, x.dims);
    const shiftAt = b === undefined ? () => 0 : parameterOffsets(b, x.dims);
    const result = new Float64Array(source.length);
    const means = new Float64Array(rows);
    const inverses = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const [mean, variance] = momentsOf(source, row * cols, cols);
      const inverse = 1 / Math.sqrt(variance + epsilon);
      means[row] = mean;
      inverses[row] = inverse;
      for (let i = row * cols; i < (row + 1) * cols; i++) {
        result[i] = ((source[i] as number) - mean) * inverse * scaleAt(i) + shiftAt(i);
      }
    }
    const stash = context.attributes.stashType === 11 ? "float64" : "float32";
    const reduced = x.dims.map((dim, i) => (i < axis ? dim : 1));
    return [
      fromNumbers(x.dtype, x.dims, result),
      fromNumbers(stash, reduced, means),
      fromNumbers(stash, reduced, inverses),
    ].slice(0, context.outputCount);
  },
});
