import { float } from "./define.ts";
import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Swish: x·sigmoid(alpha·x).
 * https://onnx.ai/onnx/operators/onnx__Swish.html
 */
export const swish = defineUnaryOp({
  type: "Swish",
  since: [24],
  attributes: { alpha: float(1) },
  dtypes: FLOATS,
  kernel: ({ alpha }) => ["silu", alpha, 0],
});
