import { FLOATS, SIGNED } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Relu: max(0, x).
 * https://onnx.ai/onnx/operators/onnx__Relu.html
 */
export const relu = defineUnaryOp({
  type: "Relu",
  since: [1, 6, 13, 14],
  dtypes: [...FLOATS, ...SIGNED],
  kernel: () => ["relu", 0, 0],
  wide: () => (x) => (x < 0n ? 0n : x),
});
