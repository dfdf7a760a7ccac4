import { NUMBERS } from "./shared/elementwise.ts";
import { defineVariadicOp } from "./shared/variadic-op.ts";

/**
 * Min: the least of the inputs' elements, broadcast; NaN where one of them is.
 * https://onnx.ai/onnx/operators/onnx__Min.html
 */
export const min = defineVariadicOp({
  type: "Min",
  since: [1, 6, 8, 12, 13],
  dtypes: NUMBERS,
  pairing: { number: Math.min, wide: (a, b) => (a < b ? a : b) },
});
