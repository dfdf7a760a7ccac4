import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Mish: x·tanh(softplus(x)).
 * https://onnx.ai/onnx/operators/onnx__Mish.html
 */
export const mish = defineUnaryOp({
  type: "Mish",
  since: [18, 22],
  dtypes: FLOATS,
  kernel: () => ["mish", 0, 0],
});
