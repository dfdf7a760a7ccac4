import { int } from "../define.ts";
import { FLOATS } from "../shared/elementwise.ts";
import { defineUnaryOp } from "../shared/unary-op.ts";

/**
 * IsInf: whether the element is infinite; either sign can be left out.
 * https://onnx.ai/onnx/operators/onnx__IsInf.html
 */
export const isInf = defineUnaryOp({
  type: "IsInf",
  since: [10, 20],
  attributes: { detectNegative: int(1), detectPositive: int(1) },
  dtypes: FLOATS,
  output: "bool",
  scalar:
    ({ detectNegative, detectPositive }) =>
    (x) =>
      (x === Infinity && detectPositive !== 0) || (x === -Infinity && detectNegative !== 0) ? 1 : 0,
});
