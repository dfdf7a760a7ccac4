import { FLOATS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * Acos: the inverse cosine, in radians.
 * https://onnx.ai/onnx/operators/onnx__Acos.html
 */
export const acos = defineUnaryOp({
  type: "Acos",
  since: [7, 22],
  dtypes: FLOATS,
  scalar: () => Math.acos,
});
