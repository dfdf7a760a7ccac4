import { defineCumulationOp } from "../cumulation.ts";

/**
 * CumSum: running sums along an axis.
 * https://onnx.ai/onnx/operators/onnx__CumSum.html
 */
export const cumSum = defineCumulationOp({
  type: "CumSum",
  since: [11, 14],
  start: 0,
  step: (total, x) => total + x,
  bigStep: (total, x) => total + x,
});
