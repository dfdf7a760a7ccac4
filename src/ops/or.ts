import { defineBinaryOp } from "./shared/binary-op.ts";
import { BOOL } from "./shared/elementwise.ts";

/**
 * Or: the logical or of bools, broadcast.
 * https://onnx.ai/onnx/operators/onnx__Or.html
 */
export const or = defineBinaryOp({
  type: "Or",
  since: [1, 7],
  dtypes: BOOL,
  pairing: {
    number: (a, b) => a | b,
  },
});
