import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Sin: the sine, of radians.
 * https://onnx.ai/onnx/operators/onnx__Sin.html
 */
export const sin = defineUnaryOp({
  type: "Sin",
  since: [7, 22],
  dtypes: FLOATS,
  kernel: () => ["sin", 0, 0],
});
