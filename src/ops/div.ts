import { defineBinaryOp } from "./shared/binary-op.ts";
import { NUMBERS } from "./shared/elementwise.ts";

/**
 * Div: a / b, broadcast; integers are cut towards zero, and 0 where b is 0.
 * https://onnx.ai/onnx/operators/onnx__Div.html
 */
export const div = defineBinaryOp({
  type: "Div",
  since: [1, 6, 7, 13, 14],
  dtypes: NUMBERS,
  pairing: {
    number: (a, b) => a / b,
    integer: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
    wide: (a, b) => (b === 0n ? 0n : a / b),
  },
});
