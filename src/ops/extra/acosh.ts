import { FLOATS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * Acosh: the inverse hyperbolic cosine.
 * https://onnx.ai/onnx/operators/onnx__Acosh.html
 */
export const acosh = defineUnaryOp({
  type: "Acosh",
  since: [9, 22],
  dtypes: FLOATS,
  scalar: () => Math.acosh,
});
