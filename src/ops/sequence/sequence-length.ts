import { defineOp, factOf } from "../define.ts";
import { fromNumbers } from "../shared/elements.ts";
import { sequenceAt } from "./sequences.ts";

/** SequenceLength: the number of entries. https://onnx.ai/onnx/operators/onnx__SequenceLength.html */
export const sequenceLength = defineOp({
  type: "SequenceLength",
  since: [11],
  inputs: ["input_sequence"],
  outputs: ["length"],
  attributes: {},

  infer() {
    return [factOf("int64", [])];
  },

  evaluate(context) {
    return [fromNumbers("int64", [], [sequenceAt(context, 0).values.length])];
  },
});
