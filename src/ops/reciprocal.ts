import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Reciprocal: 1 / x.
 * https://onnx.ai/onnx/operators/onnx__Reciprocal.html
 */
export const reciprocal = defineUnaryOp({
  type: "Reciprocal",
  since: [1, 6, 13],
  dtypes: FLOATS,
  kernel: () => ["reciprocal", 0, 0],
});
