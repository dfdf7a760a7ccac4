import { FLOATS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * Cosh: the hyperbolic cosine.
 * https://onnx.ai/onnx/operators/onnx__Cosh.html
 */
export const cosh = defineUnaryOp({
  type: "Cosh",
  since: [9, 22],
  dtypes: FLOATS,
  scalar: () => Math.cosh,
});
