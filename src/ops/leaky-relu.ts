import { float } from "./define.ts";
import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * LeakyRelu: x, or alpha·x below 0.
 * https://onnx.ai/onnx/operators/onnx__LeakyRelu.html
 */
export const leakyRelu = defineUnaryOp({
  type: "LeakyRelu",
  since: [1, 6, 16],
  attributes: { alpha: float(0.01) },
  dtypes: FLOATS,
  kernel: ({ alpha }) => ["leakyRelu", alpha, 0],
});
