import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Cos: the cosine, of radians.
 * https://onnx.ai/onnx/operators/onnx__Cos.html
 */
export const cos = defineUnaryOp({
  type: "Cos",
  since: [7, 22],
  dtypes: FLOATS,
  kernel: () => ["cos", 0, 0],
});
