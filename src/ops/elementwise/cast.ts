import { choice, defineOp, factOf, int, required } from "../define.ts";
import { dtypeOfOnnx } from "../shared/onnx-dtype.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";
import { castTensor } from "./casting.ts";

/**
 * Cast: the elements under another dtype. `saturate` and `round_mode` concern 8-bit floats alone.
 * https://onnx.ai/onnx/operators/onnx__Cast.html
 */
export const cast = defineOp({
  type: "Cast",
  since: [1, 6, 9, 13, 19, 21, 23, 24, 25, 28],
  inputs: ["x"],
  attributes: { to: required(int()), saturate: int(1), roundMode: choice("up", "down", "nearest") },

  identity: ({ inputs, outputs }) => inputs[0] !== undefined && inputs[0].dtype === outputs[0]?.dtype,
  receptiveField: atOwnPlace,

  infer(context) {
    return [factOf(dtypeOfOnnx(context, context.attributes.to), context.dims(0))];
  },

  evaluate(context) {
    const { to, saturate, roundMode } = context.attributes;
    const options = { saturate: saturate !== 0, roundMode };
    return [castTensor(context.tensor(0), dtypeOfOnnx(context, to), options)];
  },
});
