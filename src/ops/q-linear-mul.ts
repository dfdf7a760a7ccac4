import { defineQuantizedBinaryOp } from "./shared/quantized-binary-op.ts";

/**
 * QLinearMul: the product of two quantised tensors, quantised again.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearMul
 */
export const qLinearMul = defineQuantizedBinaryOp("QLinearMul", (a, b) => a * b);
