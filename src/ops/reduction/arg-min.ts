import { defineArgExtremeOp } from "./arg-extreme.ts";

/**
 * ArgMin: the index of the smallest element along `axis`.
 * https://onnx.ai/onnx/operators/onnx__ArgMin.html
 */
export const argMin = defineArgExtremeOp("ArgMin", -1);
