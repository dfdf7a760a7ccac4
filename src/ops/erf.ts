import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Erf: the error function.
 * https://onnx.ai/onnx/operators/onnx__Erf.html
 */
export const erf = defineUnaryOp({
  type: "Erf",
  since: [9, 13],
  dtypes: FLOATS,
  kernel: () => ["erf", 0, 0],
});
