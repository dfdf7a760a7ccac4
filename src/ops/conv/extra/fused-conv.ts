import { floats, int, ints, string } from "../../define.ts";
import { composeActivation } from "../../elementwise/composed-activation.ts";
import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * FusedConv: Conv, the sum with z, and an activation.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.FusedConv
 */
export const fusedConv = defineComposedOp({
  type: "FusedConv",
  domain: "com.microsoft",
  inputs: ["x", "w", "bias?", "z?"],
  attributes: {
    activation: string(""),
    activationParams: floats([]),
    autoPad: string("NOTSET"),
    dilations: ints(),
    group: int(1),
    kernelShape: ints(),
    pads: ints(),
    strides: ints(),
  },

  compose(composer) {
    const { activation, activationParams, ...conv } = composer.attributes;
    const [x, w, bias, z] = composer.inputs as [string, string, string, string];
    const y = composer.emit("Conv", [x, w, bias], conv);
    const sum = z === "" ? y : composer.emit("Add", [y, z]);
    return [composeActivation(composer, activation, sum, activationParams)];
  },
});
