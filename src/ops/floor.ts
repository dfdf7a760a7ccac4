import { FLOATS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Floor: the next whole number downwards.
 * https://onnx.ai/onnx/operators/onnx__Floor.html
 */
export const floor = defineUnaryOp({
  type: "Floor",
  since: [1, 6, 13],
  dtypes: FLOATS,
  kernel: () => ["floor", 0, 0],
});
