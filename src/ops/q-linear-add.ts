import { defineQuantizedBinaryOp } from "./shared/quantized-binary-op.ts";

/**
 * QLinearAdd: the sum of two quantised tensors, quantised again.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearAdd
 */
export const qLinearAdd = defineQuantizedBinaryOp("QLinearAdd", (a, b) => a + b);
