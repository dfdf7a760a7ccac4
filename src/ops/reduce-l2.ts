import { defineReductionOp } from "./shared/reduction-op.ts";

/**
 * ReduceL2: the root of the sum of squares over axes.
 * https://onnx.ai/onnx/operators/onnx__ReduceL2.html
 */
export const reduceL2 = defineReductionOp("ReduceL2", "l2", [1, 11, 13, 18]);
