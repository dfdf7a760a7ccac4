import { defineBinaryOp } from "../shared/binary-op.ts";
import { INTEGERS } from "../shared/elementwise.ts";

/**
 * BitwiseXor: the bitwise exclusive or of integers, broadcast.
 * https://onnx.ai/onnx/operators/onnx__BitwiseXor.html
 */
export const bitwiseXor = defineBinaryOp({
  type: "BitwiseXor",
  since: [18],
  dtypes: INTEGERS,
  pairing: {
    number: (a, b) => a ^ b,
    wide: (a, b) => a ^ b,
  },
});
