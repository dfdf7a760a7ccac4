import { defineOp } from "../define.ts";
import { entryFact, positionIn, sequenceAt as sequenceInput } from "./sequences.ts";

/** SequenceAt: the entry at a position. https://onnx.ai/onnx/operators/onnx__SequenceAt.html */
export const sequenceAt = defineOp({
  type: "SequenceAt",
  since: [11],
  inputs: ["input_sequence", "position"],
  outputs: ["tensor"],
  attributes: {},

  infer(context) {
    return [entryFact(context.fact(0))];
  },

  evaluate(context) {
    const { values } = sequenceInput(context, 0);
    return [values[positionIn(context, context.tensor(1), values.length, values.length - 1)]];
  },
});
