import { defineCumulationOp } from "../cumulation.ts";

/**
 * CumProd: running products along an axis.
 * https://onnx.ai/onnx/operators/onnx__CumProd.html
 */
export const cumProd = defineCumulationOp({
  type: "CumProd",
  since: [26],
  start: 1,
  step: (total, x) => total * x,
  bigStep: (total, x) => total * x,
});
