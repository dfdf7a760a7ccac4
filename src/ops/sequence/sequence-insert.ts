import { defineOp, placesOf } from "../define.ts";
import { mergeDims, positionIn, sequenceAt, sequenceFact } from "./sequences.ts";

const INPUTS = ["input_sequence", "tensor", "position?"] as const;
const SEQUENCE_INSERT = placesOf(INPUTS);

/** SequenceInsert: the sequence with a tensor put in before a position, or at the end. https://onnx.ai/onnx/operators/onnx__SequenceInsert.html */
export const sequenceInsert = defineOp({
  type: "SequenceInsert",
  since: [11],
  inputs: INPUTS,
  outputs: ["output_sequence"],
  attributes: {},

  infer(context) {
    const [sequence, entry] = [
      context.fact(SEQUENCE_INSERT.input_sequence),
      context.fact(SEQUENCE_INSERT.tensor),
    ];
    if (sequence.dtype !== entry.dtype) {
      context.failType(`the sequence holds ${sequence.dtype}, the tensor is ${entry.dtype}`);
    }
    return [sequenceFact(sequence.dtype, mergeDims(sequence.dims, entry.dims))];
  },

  evaluate(context) {
    const { dtype, values } = sequenceAt(context, SEQUENCE_INSERT.input_sequence);
    const position = context.optional(SEQUENCE_INSERT.position);
    const at =
      position === undefined ? values.length : positionIn(context, position, values.length, values.length);
    const result = [...values.slice(0, at), context.tensor(SEQUENCE_INSERT.tensor), ...values.slice(at)];
    return [{ container: "sequence", dtype, values: result }];
  },
});
