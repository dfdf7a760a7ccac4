import { defineReductionOp } from "./shared/reduction-op.ts";

/**
 * ReduceL1: the sum of magnitudes over axes.
 * https://onnx.ai/onnx/operators/onnx__ReduceL1.html
 */
export const reduceL1 = defineReductionOp("ReduceL1", "l1", [1, 11, 13, 18]);
