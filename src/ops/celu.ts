import { float } from "./define.ts";
import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Celu: max(0, x) + min(0, alpha·(exp(x/alpha) - 1)).
 * https://onnx.ai/onnx/operators/onnx__Celu.html
 */
export const celu = defineUnaryOp({
  type: "Celu",
  since: [12, 28],
  attributes: { alpha: float(1) },
  dtypes: FLOATS,
  kernel: ({ alpha }) => ["celu", alpha, 0],
});
