import { float } from "./define.ts";
import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * HardSigmoid: max(0, min(1, alpha·x + beta)).
 * https://onnx.ai/onnx/operators/onnx__HardSigmoid.html
 */
export const hardSigmoid = defineUnaryOp({
  type: "HardSigmoid",
  since: [1, 6, 22],
  attributes: { alpha: float(0.2), beta: float(0.5) },
  dtypes: FLOATS,
  kernel: ({ alpha, beta }) => ["hardSigmoid", alpha, beta],
});
