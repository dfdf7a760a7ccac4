import { defineQuantizedComposedOp } from "../quantized-composed-op.ts";

/**
 * QLinearSigmoid: Sigmoid of a quantised tensor.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearSigmoid
 */
export const qLinearSigmoid = defineQuantizedComposedOp("QLinearSigmoid", {}, ({ emit }, x) =>
  emit("Sigmoid", [x]),
);
