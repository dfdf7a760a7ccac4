import { NUMBERS } from "./shared/elementwise.ts";
import { defineVariadicOp } from "./shared/variadic-op.ts";

/**
 * Max: the greatest of the inputs' elements, broadcast; NaN where one of them is.
 * https://onnx.ai/onnx/operators/onnx__Max.html
 */
export const max = defineVariadicOp({
  type: "Max",
  since: [1, 6, 8, 12, 13],
  dtypes: NUMBERS,
  pairing: { number: Math.max, wide: (a, b) => (a > b ? a : b) },
});
