import { FLOATS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * Tan: the tangent, of radians.
 * https://onnx.ai/onnx/operators/onnx__Tan.html
 */
export const tan = defineUnaryOp({
  type: "Tan",
  since: [7, 22],
  dtypes: FLOATS,
  scalar: () => Math.tan,
});
