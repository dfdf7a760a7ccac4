import { defineReductionOp } from "./shared/reduction-op.ts";

/**
 * ReduceMin: the smallest over axes; of an empty set ∞ or the dtype's greatest value.
 * https://onnx.ai/onnx/operators/onnx__ReduceMin.html
 */
export const reduceMin = defineReductionOp("ReduceMin", "min", [1, 11, 12, 13, 18, 20]);
