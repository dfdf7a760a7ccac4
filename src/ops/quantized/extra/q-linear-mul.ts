import { defineQuantizedBinaryOp } from "../quantized-binary-op.ts";

/**
 * QLinearMul: the product of two quantised tensors, quantised again. The zero point is added before the rounding, in
 * float32, as onnxruntime does: that decides ties.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearMul
 */
export const qLinearMul = defineQuantizedBinaryOp("QLinearMul", (a, b, y) => {
  const { fround } = Math;
  const ratio = fround(fround(a.scale * b.scale) / y.scale);
  return (x, z) => fround(ratio * (x - a.zero) * (z - b.zero) + y.zero);
});
