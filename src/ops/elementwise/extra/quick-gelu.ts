import { float } from "../../define.ts";
import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * QuickGelu: x·sigmoid(alpha·x).
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QuickGelu
 */
export const quickGelu = defineComposedOp({
  type: "QuickGelu",
  domain: "com.microsoft",
  inputs: ["x"],
  attributes: { alpha: float(1.702) },
  compose: ({ attributes, inputs, emit }) => [emit("Silu", inputs, { alpha: attributes.alpha })],
});
