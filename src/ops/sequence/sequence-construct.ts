import { defineOp, type RuntimeValue } from "../define.ts";
import { mergeFacts, sequenceFact } from "./sequences.ts";

/** SequenceConstruct: a sequence of the inputs. https://onnx.ai/onnx/operators/onnx__SequenceConstruct.html */
export const sequenceConstruct = defineOp({
  type: "SequenceConstruct",
  since: [11],
  inputs: ["inputs*"],
  outputs: ["output_sequence"],
  attributes: {},

  infer(context) {
    const facts = context.inputs.map((_, i) => context.fact(i));
    const entry = facts.reduce(mergeFacts);
    if (facts.some((fact) => fact.dtype !== entry.dtype)) {
      context.failType(`inputs must be of one type, got ${facts.map((fact) => fact.dtype).join(", ")}`);
    }
    return [sequenceFact(entry.dtype, entry.dims)];
  },

  evaluate(context) {
    const values = context.values as readonly RuntimeValue[];
    return [{ container: "sequence", dtype: context.tensor(0).dtype, values }];
  },
});
