import { defineOp } from "../define.ts";
import { mergeDims, positionIn, sequenceAt, sequenceFact } from "./sequences.ts";

/** SequenceInsert: the sequence with a tensor put in before a position, or at the end. https://onnx.ai/onnx/operators/onnx__SequenceInsert.html */
export const sequenceInsert = defineOp({
  type: "SequenceInsert",
  since: [11],
  inputs: ["input_sequence", "tensor", "position?"],
  outputs: ["output_sequence"],
  attributes: {},

  infer(context) {
    const [sequence, entry] = [context.fact(0), context.fact(1)];
    if (sequence.dtype !== entry.dtype) {
      context.failType(`the sequence holds ${sequence.dtype}, the tensor is ${entry.dtype}`);
    }
    return [sequenceFact(sequence.dtype, mergeDims(sequence.dims, entry.dims))];
  },

  evaluate(context) {
    const { dtype, values } = sequenceAt(context, 0);
    const position = context.optional(2);
    const at =
      position === undefined ? values.length : positionIn(context, position, values.length, values.length);
    const result = [...values.slice(0, at), context.tensor(1), ...values.slice(at)];
    return [{ container: "sequence", dtype, values: result }];
  },
});
