import { defineOp } from "../define.ts";
import { positionIn, sequenceAt, withoutData } from "./sequences.ts";

/** SequenceErase: the sequence without the entry at a position, or the last. https://onnx.ai/onnx/operators/onnx__SequenceErase.html */
export const sequenceErase = defineOp({
  type: "SequenceErase",
  since: [11],
  inputs: ["input_sequence", "position?"],
  outputs: ["output_sequence"],
  attributes: {},

  infer(context) {
    return [withoutData(context.fact(0))];
  },

  evaluate(context) {
    const { dtype, values } = sequenceAt(context, 0);
    const position = context.optional(1);
    const last = values.length - 1;
    const at = position === undefined ? last : positionIn(context, position, values.length, last);
    if (at < 0) context.fail("the sequence is empty");
    return [{ container: "sequence", dtype, values: values.filter((_, i) => i !== at) }];
  },
});
