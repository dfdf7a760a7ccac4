import { defineOp, factOf, float, int } from "../define.ts";
import { checkDType, FLOATS } from "../elementwise/dtypes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { dtypeOfOnnx } from "../shared/onnx-dtype.ts";
import { randomFrom } from "./generator.ts";

/**
 * Bernoulli: 1 with the probability that the input gives, else 0.
 * https://onnx.ai/onnx/operators/onnx__Bernoulli.html
 */
export const bernoulli = defineOp({
  type: "Bernoulli",
  since: [15, 22],
  inputs: ["input"],
  attributes: { dtype: int(), seed: float() },
  impure: true,

  infer(context) {
    const { dtype, dims } = context.fact(0);
    checkDType(context, "input", dtype, FLOATS);
    const named = context.attributes.dtype;
    return [factOf(named === undefined ? dtype : dtypeOfOnnx(context, named), dims)];
  },

  evaluate(context) {
    const input = context.tensor(0);
    const { dtype, seed } = context.attributes;
    const random = randomFrom(seed);
    const drawn = Float64Array.from(toNumbers(input), (probability) => (random() < probability ? 1 : 0));
    return [fromNumbers(dtype === undefined ? input.dtype : dtypeOfOnnx(context, dtype), input.dims, drawn)];
  },
});
