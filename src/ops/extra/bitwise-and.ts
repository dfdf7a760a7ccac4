import { defineBinaryOp } from "../shared/binary-op.ts";
import { INTEGERS } from "../shared/elementwise.ts";

/**
 * BitwiseAnd: the bitwise and of integers, broadcast.
 * https://onnx.ai/onnx/operators/onnx__BitwiseAnd.html
 */
export const bitwiseAnd = defineBinaryOp({
  type: "BitwiseAnd",
  since: [18],
  dtypes: INTEGERS,
  pairing: {
    number: (a, b) => a & b,
    wide: (a, b) => a & b,
  },
});
