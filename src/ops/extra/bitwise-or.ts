import { defineBinaryOp } from "../shared/binary-op.ts";
import { INTEGERS } from "../shared/elementwise.ts";

/**
 * BitwiseOr: the bitwise or of integers, broadcast.
 * https://onnx.ai/onnx/operators/onnx__BitwiseOr.html
 */
export const bitwiseOr = defineBinaryOp({
  type: "BitwiseOr",
  since: [18],
  dtypes: INTEGERS,
  pairing: {
    number: (a, b) => a | b,
    wide: (a, b) => a | b,
  },
});
