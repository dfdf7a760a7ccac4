import { defineReductionOp } from "./shared/reduction-op.ts";

/**
 * ReduceMean: the mean over axes; NaN of an empty set.
 * https://onnx.ai/onnx/operators/onnx__ReduceMean.html
 */
export const reduceMean = defineReductionOp("ReduceMean", "mean", [1, 11, 13, 18]);
