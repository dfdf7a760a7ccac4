import { float } from "./define.ts";
import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Selu: gamma·x, or gamma·alpha·(exp(x) - 1) below 0.
 * https://onnx.ai/onnx/operators/onnx__Selu.html
 */
export const selu = defineUnaryOp({
  type: "Selu",
  since: [1, 6, 22],
  attributes: { alpha: float(1.6732631921768188), gamma: float(1.0507010221481323) },
  dtypes: FLOATS,
  kernel: ({ alpha, gamma }) => ["selu", alpha, gamma],
});
