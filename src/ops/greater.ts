import { defineBinaryOp } from "./shared/binary-op.ts";
import { NUMBERS } from "./shared/elementwise.ts";

/**
 * Greater: whether a is above b, broadcast.
 * https://onnx.ai/onnx/operators/onnx__Greater.html
 */
export const greater = defineBinaryOp({
  type: "Greater",
  since: [1, 7, 9, 13],
  dtypes: NUMBERS,
  output: "bool",
  pairing: {
    number: (a, b) => (a > b ? 1 : 0),
    wide: (a, b) => (a > b ? 1 : 0),
  },
});
