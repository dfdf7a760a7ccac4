import { normalizeAxis } from "../../graph/dims.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, float, int } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { checkNormalized, parameterOffsets } from "./layer-normalizing.ts";

/**
 * RMSNormalization: every run from `axis` to the end divided by its root mean square, then scaled.
 * https://onnx.ai/onnx/operators/onnx__RMSNormalization.html
 */
export const rmsNormalization = defineOp({
  type: "RMSNormalization",
  since: [23],
  inputs: ["x", "scale"],
  attributes: { axis: int(-1), epsilon: float(1e-5), stashType: int(1) },

  infer(context) {
    checkNormalized(context);
    return [factOf(context.fact(1).dtype, context.dims(0))];
  },

  evaluate(context) {
    const [x, scale] = [context.tensor(0), context.tensor(1)];
    const axis = normalizeAxis(context.attributes.axis, x.dims.length);
    const rows = elementCount(x.dims.slice(0, axis));
    const cols = elementCount(x.dims.slice(axis));
    const source = toNumbers(x);
    const scaleAt = parameterOffsets(scale, x.dims);
    const result = new Float64Array(source.length);
    for (let row = 0; row < rows; row++) {
      let squares = 0;
      for (let i = row * cols; i < (row + 1) * cols; i++) squares += (source[i] as number) ** 2;
      const inverse = 1 / Math.sqrt(squares / cols + context.attributes.epsilon);
      for (let i = row * cols; i < (row + 1) * cols; i++)
        result[i] = (source[i] as number) * inverse * scaleAt(i);
    }
    return [fromNumbers(scale.dtype, x.dims, result)];
  },
});
