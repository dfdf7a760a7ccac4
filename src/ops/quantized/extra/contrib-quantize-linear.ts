import { int } from "../../define.ts";
import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * QuantizeLinear in onnxruntime's domain: takes 16-bit types at any opset.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QuantizeLinear
 */
export const contribQuantizeLinear = defineComposedOp({
  type: "QuantizeLinear",
  domain: "com.microsoft",
  inputs: ["x", "scale", "zeroPoint?"],
  attributes: { axis: int(1) },
  compose: ({ attributes, inputs, emit }) => [emit("QuantizeLinear", inputs, attributes)],
});
