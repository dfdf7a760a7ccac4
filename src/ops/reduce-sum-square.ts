import { defineReductionOp } from "./shared/reduction-op.ts";

/**
 * ReduceSumSquare: the sum of squares over axes.
 * https://onnx.ai/onnx/operators/onnx__ReduceSumSquare.html
 */
export const reduceSumSquare = defineReductionOp("ReduceSumSquare", "sumSquare", [1, 11, 13, 18]);
