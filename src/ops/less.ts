import { defineBinaryOp } from "./shared/binary-op.ts";
import { NUMBERS } from "./shared/elementwise.ts";

/**
 * Less: whether a is below b, broadcast.
 * https://onnx.ai/onnx/operators/onnx__Less.html
 */
export const less = defineBinaryOp({
  type: "Less",
  since: [1, 7, 9, 13],
  dtypes: NUMBERS,
  output: "bool",
  pairing: {
    number: (a, b) => (a < b ? 1 : 0),
    wide: (a, b) => (a < b ? 1 : 0),
  },
});
