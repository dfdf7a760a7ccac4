import { defineQuantizedBinaryOp } from "../quantized-binary-op.ts";

/**
 * QLinearAdd: the sum of two quantised tensors, quantised again. The zero point is added before the rounding, in
 * float32, as onnxruntime does: that decides ties.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearAdd
 */
export const qLinearAdd = defineQuantizedBinaryOp("QLinearAdd", (a, b, y) => {
  const { fround } = Math;
  const aRatio = fround(a.scale / y.scale);
  const bRatio = fround(b.scale / y.scale);
  const fixed = fround(y.zero - fround(fround(aRatio * a.zero) + fround(bRatio * b.zero)));
  return (x, z) => fround(bRatio * z + fround(aRatio * x + fixed));
});
