import { FLOATS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * Asin: the inverse sine, in radians.
 * https://onnx.ai/onnx/operators/onnx__Asin.html
 */
export const asin = defineUnaryOp({
  type: "Asin",
  since: [7, 22],
  dtypes: FLOATS,
  scalar: () => Math.asin,
});
