import { float } from "./define.ts";
import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * ThresholdedRelu: x where it is above alpha, else 0.
 * https://onnx.ai/onnx/operators/onnx__ThresholdedRelu.html
 */
export const thresholdedRelu = defineUnaryOp({
  type: "ThresholdedRelu",
  since: [1, 10, 22],
  attributes: { alpha: float(1) },
  dtypes: FLOATS,
  kernel: ({ alpha }) => ["thresholdedRelu", alpha, 0],
});
