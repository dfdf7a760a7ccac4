import { NUMBERS } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Sign: -1, 0 or 1.
 * https://onnx.ai/onnx/operators/onnx__Sign.html
 */
export const sign = defineUnaryOp({
  type: "Sign",
  since: [9, 13],
  dtypes: NUMBERS,
  kernel: () => ["sign", 0, 0],
  wide: () => (x) => (x < 0n ? -1n : x > 0n ? 1n : 0n),
});
