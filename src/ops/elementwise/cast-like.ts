import { choice, defineOp, factOf, int } from "../define.ts";
import { castTensor } from "./casting.ts";

/**
 * CastLike: the elements under the dtype of another tensor.
 * https://onnx.ai/onnx/operators/onnx__CastLike.html
 */
export const castLike = defineOp({
  type: "CastLike",
  since: [15, 19, 21, 23, 24, 25],
  inputs: ["x", "target"],
  attributes: { saturate: int(1), roundMode: choice("up", "down", "nearest") },

  identity: ({ inputs, outputs }) => inputs[0] !== undefined && inputs[0].dtype === outputs[0]?.dtype,

  infer(context) {
    return [factOf(context.fact(1).dtype, context.dims(0))];
  },

  evaluate(context) {
    const { saturate, roundMode } = context.attributes;
    const options = { saturate: saturate !== 0, roundMode };
    return [castTensor(context.tensor(0), context.tensor(1).dtype, options)];
  },
});
