import { defineOp } from "../define.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";

/**
 * Identity: the input itself; a tensor, a sequence or an optional.
 * https://onnx.ai/onnx/operators/onnx__Identity.html
 */
export const identity = defineOp({
  type: "Identity",
  since: [1, 13, 14, 16, 19, 21, 23, 24, 25],
  inputs: ["x"],
  attributes: {},
  view: true,
  identity: () => true,
  receptiveField: atOwnPlace,

  infer(context) {
    const { layout: _, ...fact } = context.fact(0);
    return [fact];
  },

  evaluate(context) {
    return [context.values[0]];
  },
});
