import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Log: the natural logarithm.
 * https://onnx.ai/onnx/operators/onnx__Log.html
 */
export const log = defineUnaryOp({
  type: "Log",
  since: [1, 6, 13],
  dtypes: FLOATS,
  kernel: () => ["log", 0, 0],
});
