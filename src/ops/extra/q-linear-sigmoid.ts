import { defineQuantizedComposition } from "../shared/quantized-composition.ts";

/**
 * QLinearSigmoid: Sigmoid of a quantised tensor.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearSigmoid
 */
export const qLinearSigmoid = defineQuantizedComposition("QLinearSigmoid", {}, ({ emit }, x) =>
  emit("Sigmoid", [x]),
);
