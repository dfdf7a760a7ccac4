import { defineBinaryOp } from "./shared/binary-op.ts";
import { BOOL } from "./shared/elementwise.ts";

/**
 * And: the logical and of bools, broadcast.
 * https://onnx.ai/onnx/operators/onnx__And.html
 */
export const and = defineBinaryOp({
  type: "And",
  since: [1, 7],
  dtypes: BOOL,
  pairing: {
    number: (a, b) => a & b,
  },
});
