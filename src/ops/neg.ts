import { FLOATS, SIGNED } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Neg: -x.
 * https://onnx.ai/onnx/operators/onnx__Neg.html
 */
export const neg = defineUnaryOp({
  type: "Neg",
  since: [1, 6, 13],
  dtypes: [...FLOATS, ...SIGNED],
  kernel: () => ["neg", 0, 0],
  wide: () => (x) => -x,
});
