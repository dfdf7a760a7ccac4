import { int } from "../../define.ts";
import { defineComposedOp } from "../../shared/composed-op.ts";

/**
 * DequantizeLinear in onnxruntime's domain: takes 16-bit types at any opset.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.DequantizeLinear
 */
export const contribDequantizeLinear = defineComposedOp({
  type: "DequantizeLinear",
  domain: "com.microsoft",
  inputs: ["x", "scale", "zeroPoint?"],
  attributes: { axis: int(1) },
  compose: ({ attributes, inputs, emit }) => [emit("DequantizeLinear", inputs, attributes)],
});
