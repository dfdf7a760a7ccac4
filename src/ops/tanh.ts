import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Tanh: the hyperbolic tangent.
 * https://onnx.ai/onnx/operators/onnx__Tanh.html
 */
export const tanh = defineUnaryOp({
  type: "Tanh",
  since: [1, 6, 13],
  dtypes: FLOATS,
  kernel: () => ["tanh", 0, 0],
});
