import { defineReductionOp } from "./shared/reduction-op.ts";

/**
 * ReduceLogSum: the logarithm of the sum over axes; -∞ of an empty set.
 * https://onnx.ai/onnx/operators/onnx__ReduceLogSum.html
 */
export const reduceLogSum = defineReductionOp("ReduceLogSum", "logSum", [1, 11, 13, 18]);
