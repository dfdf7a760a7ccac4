import { defineReductionOp } from "./shared/reduction-op.ts";

/**
 * ReduceMean: the mean over axes; 0 of an empty set.
 * https://onnx.ai/onnx/operators/onnx__ReduceMean.html
 */
export const reduceMean = defineReductionOp("ReduceMean", "mean", [1, 11, 13, 18]);
