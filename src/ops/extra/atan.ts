import { FLOATS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * Atan: the inverse tangent, in radians.
 * https://onnx.ai/onnx/operators/onnx__Atan.html
 */
export const atan = defineUnaryOp({
  type: "Atan",
  since: [7, 22],
  dtypes: FLOATS,
  scalar: () => Math.atan,
});
