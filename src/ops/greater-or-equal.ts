import { defineBinaryOp } from "./shared/binary-op.ts";
import { NUMBERS } from "./shared/elementwise.ts";

/**
 * GreaterOrEqual: whether a is at least b, broadcast.
 * https://onnx.ai/onnx/operators/onnx__GreaterOrEqual.html
 */
export const greaterOrEqual = defineBinaryOp({
  type: "GreaterOrEqual",
  since: [12, 16],
  dtypes: NUMBERS,
  output: "bool",
  pairing: {
    number: (a, b) => (a >= b ? 1 : 0),
    wide: (a, b) => (a >= b ? 1 : 0),
  },
});
