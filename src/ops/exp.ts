import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Exp: e to the power of x.
 * https://onnx.ai/onnx/operators/onnx__Exp.html
 */
export const exp = defineUnaryOp({
  type: "Exp",
  since: [1, 6, 13],
  dtypes: FLOATS,
  kernel: () => ["exp", 0, 0],
});
