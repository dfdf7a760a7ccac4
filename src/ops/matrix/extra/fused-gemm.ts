import { float, int, string } from "../../define.ts";
import { composeActivation } from "../../elementwise/composed-activation.ts";
import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * FusedGemm: Gemm and an activation.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.FusedGemm
 */
export const fusedGemm = defineComposedOp({
  type: "FusedGemm",
  domain: "com.microsoft",
  inputs: ["a", "b", "c?"],
  attributes: {
    activation: string(""),
    activationAlpha: float(),
    activationBeta: float(),
    activationGamma: float(),
    alpha: float(1),
    beta: float(1),
    transA: int(0),
    transB: int(0),
  },

  compose(composer) {
    const { attributes, inputs } = composer;
    const { activation, activationAlpha, activationBeta, activationGamma: _, ...gemm } = attributes;
    const y = composer.emit("Gemm", inputs, gemm);
    return [composeActivation(composer, activation, y, [activationAlpha, activationBeta])];
  },
});
