import { defineOp, factOf, isTensor } from "../define.ts";
import { sequenceFact } from "./sequences.ts";

/** OptionalGetElement: what the optional holds; anything else as it is. https://onnx.ai/onnx/operators/onnx__OptionalGetElement.html */
export const optionalGetElement = defineOp({
  type: "OptionalGetElement",
  since: [15, 18],
  inputs: ["input"],
  attributes: {},

  infer(context) {
    const fact = context.fact(0);
    if (fact.container !== "optional") return [fact];
    return [fact.held ? sequenceFact(fact.dtype, fact.dims) : factOf(fact.dtype, fact.dims)];
  },

  evaluate(context) {
    const value = context.values[0];
    if (value === undefined || isTensor(value) || value.container !== "optional") return [value];
    return [value.value ?? context.fail("the optional is empty")];
  },
});
