import { float } from "../../define.ts";
import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * SkipSimplifiedLayerNormalization: RMSNormalization of a sum; its last output is the sum.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.SkipSimplifiedLayerNormalization
 */
export const skipSimplifiedLayerNormalization = defineComposedOp({
  type: "SkipSimplifiedLayerNormalization",
  domain: "com.microsoft",
  inputs: ["input", "skip", "gamma", "bias?"],
  attributes: { epsilon: float(1e-12) },

  compose({ attributes, inputs, emit }) {
    const [input, skip, gamma, bias] = inputs as [string, string, string, string];
    const pair = emit("Add", [input, skip]);
    const sum = bias === "" ? pair : emit("Add", [pair, bias]);
    return [emit("RMSNormalization", [sum, gamma], attributes), "", "", sum];
  },
});
