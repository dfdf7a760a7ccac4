import { BOOL } from "./shared/elementwise.ts";
import { defineUnaryOp } from "./shared/unary-op.ts";

/**
 * Not: the negation of bools.
 * https://onnx.ai/onnx/operators/onnx__Not.html
 */
export const not = defineUnaryOp({
  type: "Not",
  since: [1],
  dtypes: BOOL,
  scalar: () => (x) => (x === 0 ? 1 : 0),
});
