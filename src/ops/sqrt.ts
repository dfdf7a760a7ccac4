import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Sqrt: the square root; NaN below 0.
 * https://onnx.ai/onnx/operators/onnx__Sqrt.html
 */
export const sqrt = defineUnaryOp({
  type: "Sqrt",
  since: [1, 6, 13],
  dtypes: FLOATS,
  kernel: () => ["sqrt", 0, 0],
});
