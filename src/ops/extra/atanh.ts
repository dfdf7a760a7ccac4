import { FLOATS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * Atanh: the inverse hyperbolic tangent.
 * https://onnx.ai/onnx/operators/onnx__Atanh.html
 */
export const atanh = defineUnaryOp({
  type: "Atanh",
  since: [9, 22],
  dtypes: FLOATS,
  scalar: () => Math.atanh,
});
