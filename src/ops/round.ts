import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Round: the nearest whole number, halves to even.
 * https://onnx.ai/onnx/operators/onnx__Round.html
 */
export const round = defineUnaryOp({
  type: "Round",
  since: [11, 22],
  dtypes: FLOATS,
  kernel: () => ["round", 0, 0],
});
