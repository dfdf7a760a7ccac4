import { defineOp, int } from "../define.ts";
import { dtypeOfOnnx } from "../shared/onnx-dtype.ts";
import { sequenceFact } from "./sequences.ts";

/** SequenceEmpty: a sequence of nothing, of a dtype (float32 by default). https://onnx.ai/onnx/operators/onnx__SequenceEmpty.html */
export const sequenceEmpty = defineOp({
  type: "SequenceEmpty",
  since: [11],
  inputs: [],
  attributes: { dtype: int(1) },

  infer(context) {
    return [sequenceFact(dtypeOfOnnx(context, context.attributes.dtype), undefined)];
  },

  evaluate(context) {
    return [{ container: "sequence", dtype: dtypeOfOnnx(context, context.attributes.dtype), values: [] }];
  },
});
