import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Ceil: the next whole number upwards.
 * https://onnx.ai/onnx/operators/onnx__Ceil.html
 */
export const ceil = defineUnaryOp({
  type: "Ceil",
  since: [1, 6, 13],
  dtypes: FLOATS,
  kernel: () => ["ceil", 0, 0],
});
