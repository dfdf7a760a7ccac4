import { INTEGERS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * BitwiseNot: every bit turned.
 * https://onnx.ai/onnx/operators/onnx__BitwiseNot.html
 */
export const bitwiseNot = defineUnaryOp({
  type: "BitwiseNot",
  since: [18],
  dtypes: INTEGERS,
  scalar: () => (x) => ~x,
  wide: () => (x) => ~x,
});
