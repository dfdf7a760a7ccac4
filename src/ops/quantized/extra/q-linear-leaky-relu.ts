import { float } from "../../define.ts";
import { defineQuantizedComposedOp } from "../quantized-composed-op.ts";

/**
 * QLinearLeakyRelu: LeakyRelu of a quantised tensor.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearLeakyRelu
 */
export const qLinearLeakyRelu = defineQuantizedComposedOp(
  "QLinearLeakyRelu",
  { alpha: float(0.01) },
  ({ emit, attributes }, x) => emit("LeakyRelu", [x], attributes),
);
