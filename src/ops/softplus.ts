import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Softplus: ln(1 + exp(x)).
 * https://onnx.ai/onnx/operators/onnx__Softplus.html
 */
export const softplus = defineUnaryOp({
  type: "Softplus",
  since: [1, 22],
  dtypes: FLOATS,
  kernel: () => ["softplus", 0, 0],
});
