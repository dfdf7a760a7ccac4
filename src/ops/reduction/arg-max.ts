import { defineArgExtremeOp } from "./arg-extreme.ts";

/**
 * ArgMax: the index of the largest element along `axis`.
 * https://onnx.ai/onnx/operators/onnx__ArgMax.html
 */
export const argMax = defineArgExtremeOp("ArgMax", 1);
