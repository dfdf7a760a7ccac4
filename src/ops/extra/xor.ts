import { defineBinaryOp } from "../shared/binary-op.ts";
import { BOOL } from "../shared/elementwise.ts";

/**
 * Xor: the logical exclusive or of bools, broadcast.
 * https://onnx.ai/onnx/operators/onnx__Xor.html
 */
export const xor = defineBinaryOp({
  type: "Xor",
  since: [1, 7],
  dtypes: BOOL,
  pairing: {
    number: (a, b) => a ^ b,
  },
});
