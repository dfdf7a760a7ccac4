import { defineBinaryOp } from "./shared/binary-op.ts";
import { NUMBERS } from "./shared/elementwise.ts";

/**
 * Equal: whether a equals b, broadcast; strings too.
 * https://onnx.ai/onnx/operators/onnx__Equal.html
 */
export const equal = defineBinaryOp({
  type: "Equal",
  since: [1, 7, 11, 13, 19],
  dtypes: [...NUMBERS, "bool", "string"],
  output: "bool",
  pairing: {
    number: (a, b) => (a === b ? 1 : 0),
    wide: (a, b) => (a === b ? 1 : 0),
    text: (a, b) => (a === b ? 1 : 0),
  },
});
