import { FLOATS } from "./shared/elementwise.ts";
import { defineVariadicOp } from "./shared/variadic-op.ts";

/**
 * Mean: the mean of the inputs, broadcast.
 * https://onnx.ai/onnx/operators/onnx__Mean.html
 */
export const mean = defineVariadicOp({
  type: "Mean",
  since: [1, 6, 8, 13],
  dtypes: FLOATS,
  pairing: { number: (a, b) => a + b },
  mean: true,
});
