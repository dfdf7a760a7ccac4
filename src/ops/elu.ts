import { float } from "./define.ts";
import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Elu: x, or alpha·(exp(x) - 1) below 0.
 * https://onnx.ai/onnx/operators/onnx__Elu.html
 */
export const elu = defineUnaryOp({
  type: "Elu",
  since: [1, 6, 22],
  attributes: { alpha: float(1) },
  dtypes: FLOATS,
  kernel: ({ alpha }) => ["elu", alpha, 0],
});
