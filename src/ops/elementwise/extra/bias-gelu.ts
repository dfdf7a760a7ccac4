import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * BiasGelu: Gelu of a sum.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.BiasGelu
 */
export const biasGelu = defineComposedOp({
  type: "BiasGelu",
  domain: "com.microsoft",
  inputs: ["a", "b"],
  attributes: {},
  compose: ({ inputs, emit }) => [emit("Gelu", [emit("Add", inputs)])],
});
