import { defineBinaryOp } from "./shared/binary-op.ts";
import { NUMBERS } from "./shared/elementwise.ts";

/**
 * LessOrEqual: whether a is at most b, broadcast.
 * https://onnx.ai/onnx/operators/onnx__LessOrEqual.html
 */
export const lessOrEqual = defineBinaryOp({
  type: "LessOrEqual",
  since: [12, 16],
  dtypes: NUMBERS,
  output: "bool",
  pairing: {
    number: (a, b) => (a <= b ? 1 : 0),
    wide: (a, b) => (a <= b ? 1 : 0),
  },
});
