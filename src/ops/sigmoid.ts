import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Sigmoid: 1 / (1 + exp(-x)).
 * https://onnx.ai/onnx/operators/onnx__Sigmoid.html
 */
export const sigmoid = defineUnaryOp({
  type: "Sigmoid",
  since: [1, 6, 13],
  dtypes: FLOATS,
  kernel: () => ["sigmoid", 0, 0],
});
