import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * FastGelu: Gelu of x (and a bias) by its tanh approximation.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.FastGelu
 */
export const fastGelu = defineComposedOp({
  type: "FastGelu",
  domain: "com.microsoft",
  inputs: ["x", "bias?"],
  attributes: {},

  compose({ inputs, emit }) {
    const [x, bias] = inputs as [string, string];
    return [emit("Gelu", [bias === "" ? x : emit("Add", [x, bias])], { approximate: "tanh" })];
  },
});
