import { defineReductionOp } from "./shared/reduction-op.ts";

/**
 * ReduceMax: the largest over axes; of an empty set -∞ or the dtype's least value.
 * https://onnx.ai/onnx/operators/onnx__ReduceMax.html
 */
export const reduceMax = defineReductionOp("ReduceMax", "max", [1, 11, 12, 13, 18, 20]);
