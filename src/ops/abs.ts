import { NUMBERS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Abs: the absolute value; that of the least integer wraps to itself.
 * https://onnx.ai/onnx/operators/onnx__Abs.html
 */
export const abs = defineUnaryOp({
  type: "Abs",
  since: [1, 6, 13],
  dtypes: NUMBERS,
  kernel: () => ["abs", 0, 0],
  wide: () => (x) => (x < 0n ? -x : x),
});
