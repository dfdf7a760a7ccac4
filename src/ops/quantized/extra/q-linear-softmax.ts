import { int } from "../../define.ts";
import { defineQuantizedComposedOp } from "../quantized-composed-op.ts";

/**
 * QLinearSoftmax: Softmax of a quantised tensor.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearSoftmax
 */
export const qLinearSoftmax = defineQuantizedComposedOp(
  "QLinearSoftmax",
  { axis: int(-1), opset: int(13) },
  ({ emit, attributes, fail }, x) =>
    attributes.opset < 13
      ? fail(`opset ${attributes.opset} is not supported`)
      : emit("Softmax", [x], { axis: attributes.axis }),
);
