import { FLOATS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * Asinh: the inverse hyperbolic sine.
 * https://onnx.ai/onnx/operators/onnx__Asinh.html
 */
export const asinh = defineUnaryOp({
  type: "Asinh",
  since: [9, 22],
  dtypes: FLOATS,
  scalar: () => Math.asinh,
});
