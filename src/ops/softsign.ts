import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Softsign: x / (1 + |x|).
 * https://onnx.ai/onnx/operators/onnx__Softsign.html
 */
export const softsign = defineUnaryOp({
  type: "Softsign",
  since: [1, 22],
  dtypes: FLOATS,
  kernel: () => ["softsign", 0, 0],
});
