import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * Gelu before ONNX had it.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.Gelu
 */
export const contribGelu = defineComposedOp({
  type: "Gelu",
  domain: "com.microsoft",
  inputs: ["x"],
  attributes: {},
  compose: ({ inputs, emit }) => [emit("Gelu", inputs)],
});
