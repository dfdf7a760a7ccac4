import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * HardSwish: x·max(0, min(1, x/6 + 1/2)).
 * https://onnx.ai/onnx/operators/onnx__HardSwish.html
 */
export const hardSwish = defineUnaryOp({
  type: "HardSwish",
  since: [14, 22],
  dtypes: FLOATS,
  kernel: () => ["hardSwish", 0, 0],
});
