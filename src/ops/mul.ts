import { defineBinaryOp } from "./shared/binary-op.ts";
import { NUMBERS } from "./shared/elementwise.ts";

/**
 * Mul: a·b, broadcast.
 * https://onnx.ai/onnx/operators/onnx__Mul.html
 */
export const mul = defineBinaryOp({
  type: "Mul",
  since: [1, 6, 7, 13, 14],
  dtypes: NUMBERS,
  pairing: {
    number: (a, b) => a * b,
    integer: Math.imul,
    wide: (a, b) => a * b,
  },
});
