import { int } from "../define.ts";
import { defineComposedOp } from "../shared/composed-op.ts";

/**
 * BiasSoftmax: Softmax of a sum.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.BiasSoftmax
 */
export const biasSoftmax = defineComposedOp({
  type: "BiasSoftmax",
  domain: "com.microsoft",
  inputs: ["data", "bias"],
  attributes: { axis: int(1), isInnerBroadcast: int(1) },

  compose({ attributes, inputs, emit, fail }) {
    if (attributes.isInnerBroadcast === 0) fail("is_inner_broadcast 0 is not supported");
    return [emit("Softmax", [emit("Add", inputs)], { axis: attributes.axis })];
  },
});
