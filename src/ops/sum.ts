import { FLOATS } from "./shared/elementwise.ts";
import { defineVariadicOp } from "./shared/variadic-op.ts";

/**
 * Sum: the sum of the inputs, broadcast.
 * https://onnx.ai/onnx/operators/onnx__Sum.html
 */
export const sum = defineVariadicOp({
  type: "Sum",
  since: [1, 6, 8, 13],
  dtypes: FLOATS,
  pairing: { number: (a, b) => a + b },
});
