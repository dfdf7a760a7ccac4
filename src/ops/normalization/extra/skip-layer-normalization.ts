import { float } from "../../define.ts";
import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * SkipLayerNormalization: LayerNormalization of a sum; its last output is the sum.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.SkipLayerNormalization
 */
export const skipLayerNormalization = defineComposedOp({
  type: "SkipLayerNormalization",
  domain: "com.microsoft",
  inputs: ["input", "skip", "gamma", "beta?", "bias?"],
  attributes: { epsilon: float(1e-12) },

  compose({ attributes, inputs, emit }) {
    const [input, skip, gamma, beta, bias] = inputs as [string, string, string, string, string];
    const pair = emit("Add", [input, skip]);
    const sum = bias === "" ? pair : emit("Add", [pair, bias]);
    return [emit("LayerNormalization", [sum, gamma, beta], attributes), "", "", sum];
  },
});
