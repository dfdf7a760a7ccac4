import { defineReductionOp } from "./shared/reduction-op.ts";

/**
 * ReduceSum: the sum over axes; 0 of an empty set.
 * https://onnx.ai/onnx/operators/onnx__ReduceSum.html
 */
export const reduceSum = defineReductionOp("ReduceSum", "sum", [1, 11, 13]);
