import { defineReductionOp } from "./shared/reduction-op.ts";

/**
 * ReduceLogSumExp: the logarithm of the sum of exponentials over axes, without overflow.
 * https://onnx.ai/onnx/operators/onnx__ReduceLogSumExp.html
 */
export const reduceLogSumExp = defineReductionOp("ReduceLogSumExp", "logSumExp", [1, 11, 13, 18]);
