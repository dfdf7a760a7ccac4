import { defineBinaryOp } from "./shared/binary-op.ts";
import { NUMBERS } from "./shared/elementwise.ts";

/**
 * Sub: a - b, broadcast.
 * https://onnx.ai/onnx/operators/onnx__Sub.html
 */
export const sub = defineBinaryOp({
  type: "Sub",
  since: [1, 6, 7, 13, 14],
  dtypes: NUMBERS,
  pairing: {
    number: (a, b) => a - b,
    wide: (a, b) => a - b,
  },
});
