import { defineOp, factOf } from "../define.ts";
import { positionIn, sequenceAt as sequenceInput } from "../shared/sequence.ts";

/** SequenceAt: the entry at a position. https://onnx.ai/onnx/operators/onnx__SequenceAt.html */
export const sequenceAt = defineOp({
  type: "SequenceAt",
  since: [11],
  inputs: ["input_sequence", "position"],
  outputs: ["tensor"],
  attributes: {},

  infer(context) {
    const { dtype, dims } = context.fact(0);
    return [factOf(dtype, dims)];
  },

  evaluate(context) {
    const { values } = sequenceInput(context, 0);
    return [values[positionIn(context, context.tensor(1), values.length, values.length - 1)]];
  },
});
