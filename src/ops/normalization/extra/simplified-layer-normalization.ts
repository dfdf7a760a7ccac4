import { float, int } from "../../define.ts";
import { defineComposedOp } from "../../shared/composed-op.ts";

/** SimplifiedLayerNormalization: what onnxruntime called RMSNormalization before ONNX had it; in ai.onnx's own domain. */
export const simplifiedLayerNormalization = defineComposedOp({
  type: "SimplifiedLayerNormalization",
  domain: "",
  inputs: ["x", "scale"],
  attributes: { axis: int(-1), epsilon: float(1e-5), stashType: int(1) },
  compose: ({ attributes, inputs, emit }) => [emit("RMSNormalization", inputs, attributes)],
});
