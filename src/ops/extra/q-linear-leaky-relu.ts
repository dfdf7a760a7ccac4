import { float } from "../define.ts";
import { defineQuantizedComposition } from "../shared/quantized-composition.ts";

/**
 * QLinearLeakyRelu: LeakyRelu of a quantised tensor.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearLeakyRelu
 */
export const qLinearLeakyRelu = defineQuantizedComposition(
  "QLinearLeakyRelu",
  { alpha: float(0.01) },
  ({ emit, attributes }, x) => emit("LeakyRelu", [x], attributes),
);
