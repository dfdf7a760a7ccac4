import { FLOATS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * IsNaN: whether the element is not a number.
 * https://onnx.ai/onnx/operators/onnx__IsNaN.html
 */
export const isNan = defineUnaryOp({
  type: "IsNaN",
  since: [9, 13, 20],
  dtypes: FLOATS,
  output: "bool",
  scalar: () => (x) => (Number.isNaN(x) ? 1 : 0),
});
