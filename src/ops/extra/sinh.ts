import { FLOATS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * Sinh: the hyperbolic sine.
 * https://onnx.ai/onnx/operators/onnx__Sinh.html
 */
export const sinh = defineUnaryOp({
  type: "Sinh",
  since: [9, 22],
  dtypes: FLOATS,
  scalar: () => Math.sinh,
});
